// compare.mjs GRAPHQL_MODULE GRAPHQL_CHECK: runs both implementations over the corpus and lists every difference that
// deviations.mjs does not explain. Fails on a difference, and on an explanation nothing needs any more.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { deviations, rewrite } from './deviations.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const [modulePath, checkPath] = process.argv.slice(2);
const graphql = await import(modulePath);
const { getVariableValues } = await import(join(dirname(modulePath), 'execution/values.mjs'));

const kSteps = { syntax: 'parse', sdl: 'parse', coercion: 'coerce' };

function readCorpus() {
  const cases = [];
  for (const file of readdirSync(join(here, 'corpus')).sort()) {
    const area = file.replace('.txt', '');
    for (const part of readFileSync(join(here, 'corpus', file), 'utf8').split(/^=== /m).slice(1)) {
      const end = part.indexOf('\n');
      const [document, variables] = part.slice(end + 1).replace(/\n$/, '').split('\n--- ');
      cases.push({
        name: `${area}/${part.slice(0, end)}`,
        document,
        steps: kSteps[area] ?? 'validate',
        variables: JSON.parse(variables ?? '{}'),
      });
    }
  }
  return cases;
}

const plain = (error) => ({ message: error.message, locations: error.locations ?? [] });

function reference(schema, test) {
  let document;
  try {
    document = graphql.parse(test.document);
  } catch (error) {
    return { phase: 'parse', errors: [plain(error)] };
  }
  if (test.steps === 'parse') return { phase: 'valid', errors: [], document };
  const errors = graphql.validate(schema, document);
  if (errors.length > 0) return { phase: 'validate', errors: errors.map(plain), document };
  if (test.steps === 'validate') return { phase: 'valid', errors: [], document };
  const result = getVariableValues(schema, document.definitions[0].variableDefinitions ?? [], test.variables);
  if (result.errors) return { phase: 'coerce', errors: result.errors.map(plain), document };
  return { phase: 'valid', errors: [], document, variables: JSON.parse(JSON.stringify(result.coerced)) };
}

// Differences between the lists of errors; each error of one side takes one of the other.
function compareErrors(theirs, ours) {
  const open = [...ours];
  const problems = [];
  for (const error of theirs) {
    const expected = rewrite(error);
    const index = open.findIndex(
      (mine) =>
        mine.message === expected.message &&
        (expected.anywhere || expected.locations.some((at) => at.line === mine.line && at.column === mine.column)),
    );
    if (index >= 0) open.splice(index, 1);
    else problems.push(`- ${JSON.stringify(expected.locations)} ${expected.message}`);
  }
  for (const mine of open) problems.push(`+ ${mine.line}:${mine.column} ${mine.message}`);
  return problems;
}

// The executable part of a document without locations and without the way strings were written.
function syntaxOf(document) {
  const bare = JSON.parse(JSON.stringify(document, (key, value) => (key === 'loc' || key === 'block' ? undefined : value)));
  return bare.definitions.filter((node) => node.kind === 'OperationDefinition' || node.kind === 'FragmentDefinition');
}

function compare(theirs, ours) {
  if (theirs.phase !== ours.phase) {
    return { kind: 'verdict', problems: [`graphql-js: ${theirs.phase}, eider: ${ours.phase}`, ...compareErrors(theirs.errors, ours.errors)] };
  }
  const problems = compareErrors(theirs.errors, ours.errors);
  if (theirs.variables && !isDeepStrictEqual(theirs.variables, ours.variables)) {
    problems.push(`variables ${JSON.stringify(theirs.variables)} / ${JSON.stringify(ours.variables)}`);
  }
  if (theirs.document && ours.printed) {
    if (!isDeepStrictEqual(syntaxOf(theirs.document), syntaxOf(graphql.parse(ours.printed)))) {
      problems.push(`printed as ${ours.printed}`);
    }
  }
  return { kind: 'errors', problems };
}

function compareSchemas(schema, answer) {
  const shape = (other) => graphql.printSchema(graphql.lexicographicSortSchema(other));
  const expected = shape(schema);
  const problems = [];
  if (shape(graphql.buildSchema(answer.sdl)) !== expected) problems.push('schema: the printed SDL is another schema');
  const client = graphql.buildClientSchema({ __schema: answer.introspection });
  if (shape(client) !== shape(graphql.buildClientSchema(graphql.introspectionFromSchema(schema, { oneOf: true })))) {
    problems.push('schema: introspection gives another schema');
  }
  return problems;
}

const schema = graphql.buildSchema(readFileSync(join(here, 'schema.graphql'), 'utf8'));
const cases = readCorpus();
const introspection = graphql.getIntrospectionQuery({
  descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true,
  inputValueDeprecation: true, oneOf: true,
});
const run = spawnSync(checkPath, [join(here, 'schema.graphql')], {
  input: JSON.stringify({ cases, introspection }), maxBuffer: 1 << 28, encoding: 'utf8',
});
if (run.status !== 0) throw new Error(`graphql_check failed: ${run.error ?? run.stderr}`);
const answer = JSON.parse(run.stdout);

let differences = 0;
const report = (title, lines) => {
  ++differences;
  console.log(`${title}\n  ${lines.join('\n  ')}`);
};
for (const [i, test] of cases.entries()) {
  const { kind, problems } = compare(reference(schema, test), answer.verdicts[i]);
  const known = deviations[test.name];
  if (problems.length > 0 && known?.kind !== kind) report(`${test.name} (${kind}): ${test.document}`, problems);
  if (problems.length === 0 && known) report(test.name, ['is listed as a deviation, but there is none']);
}
for (const name of Object.keys(deviations)) {
  if (!cases.some((test) => test.name === name)) report(name, ['is listed as a deviation, but there is no such document']);
}
for (const problem of compareSchemas(schema, answer)) report('schema.graphql', [problem]);
const invalid = answer.verdicts.filter((verdict) => verdict.phase !== 'valid').length;
console.log(`${cases.length} documents (${invalid} invalid), ${Object.keys(deviations).length} deviations, ${differences} differences`);
process.exit(differences === 0 ? 0 : 1);
