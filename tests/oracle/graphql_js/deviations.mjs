// Where Eider differs from graphql-js on purpose.

// Texts: what Eider says for an error of graphql-js. `anywhere` drops the comparison of locations.
export function rewrite({ message, locations }) {
  let text = message;
  // A syntax error has neither the prefix nor the full stop.
  if (text.startsWith('Syntax Error: ')) text = text.slice('Syntax Error: '.length).replace(/\.$/, '');
  // No suggestions, except the one about sub-selections.
  text = text.replace(/ Did you mean (?!"\w+ \{ \.\.\. \}").*\?$/, '');
  text = text.replace(/^(Unknown argument "\w+") on (?:field|directive) ".*"\.$/, '$1.');
  text = text.replace(/^(Variable "\$\w+" is not defined)\.$/, '$1 by operation "anonymous operation".');
  // Names are not quoted inside the reason of a conflict.
  if (text.startsWith('Fields "')) {
    text = text.replace(/"([^" ]+)" and "([^" ]+)"/g, '$1 and $2');
  }
  // The named type alone, at the field instead of the selection.
  const leaf = /^(Field "\w+" must not have a selection since type )".*?(\w+)[\]!]*" has no subfields\.$/.exec(text);
  if (leaf) return { message: `${leaf[1]}"${leaf[2]}" has no subfields.`, locations, anywhere: true };
  // At the variable definition, that is at the $, instead of the name.
  if (text.startsWith('There can be only one variable named')) {
    locations = locations.map(({ line, column }) => ({ line, column: column - 1 }));
  }
  return { message: text, locations };
}

const kinds = { verdict: {}, errors: {} };

// `kind` "verdict": one side accepts what the other refuses; "errors": both refuse, with differing errors.
function deviate(kind, reason, ...names) {
  for (const name of names) kinds[kind][name] = { kind, reason };
}

deviate('errors', 'a single value stands for a list of it, so that an item is what was expected', 'values/object-list-given-int');
deviate('verdict', 'unused variables are allowed', 'variables/unused', 'variables/unused-two');
deviate('errors', 'unused variables are allowed',
  'variables/unknown-list-type', 'variables/output-type', 'variables/output-list-type', 'variables/union-type',
  'variables/interface-type', 'operations/all-errors-at-once');
deviate('verdict', 'an operation may be nested 20 levels deep', 'fields/depth-twenty-one');
deviate('verdict', 'variables inside a literal of a custom scalar may have any type',
  'variables/variable-inside-custom-list');
deviate('verdict', 'a member of a one-of input object must not be a nullable variable, as the specification says',
  'variables/one-of-variable-nullable', 'variables/one-of-variable-default');
deviate('verdict', 'the way a string is written does not make two arguments differ', 'overlaps/argument-block-string');
deviate('verdict', 'descriptions of operations and fragments came after the October 2021 specification',
  'syntax/description-on-query', 'syntax/description-on-fragment');
deviate('errors', 'descriptions of operations and fragments came after the October 2021 specification',
  'syntax/description-on-shorthand', 'sdl/extend-described', 'sdl/description-before-brace');
deviate('errors', 'members selected on a leaf are reported as unknown fields of it',
  'fields/leaf-with-selection', 'fields/leaf-list-with-selection', 'fields/enum-with-selection',
  'fields/custom-scalar-with-selection', 'fields/leaf-with-typename', 'fields/typename-with-selection');
deviate('errors', 'nothing is reported below an unknown field or directive',
  'fields/unknown-with-selection', 'variables/under-unknown-field', 'directives/unknown-with-arguments');
deviate('errors', 'each later one is reported, not the group or every pair',
  'arguments/triplicate', 'overlaps/three-conflicts');
deviate('errors', 'the first of several definitions of a variable counts', 'variables/duplicate-types');
deviate('errors', 'conflicts are looked for in operations, not in fragments nobody uses',
  'overlaps/conflict-inside-unused-fragment');
deviate('errors', 'objects in messages about variables are shown as JSON',
  'coercion/int-object', 'coercion/object-missing', 'coercion/object-unknown', 'coercion/mutation-data-wrong',
  'coercion/one-of-two');

export const deviations = { ...kinds.verdict, ...kinds.errors };
