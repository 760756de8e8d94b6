// Bundles the explorer page into few files and compresses them, as they are embedded in the binary.
//   node build.mjs [OUTPUT FOLDER]
import {build} from 'esbuild';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2] ?? join(here, 'dist');

const bundle = await build({
  absWorkingDir: here,
  entryPoints: {explorer: 'src/main.jsx'},
  outdir: output,
  bundle: true,
  minify: true,
  write: false,
  target: ['es2020'],
  jsx: 'automatic',
  loader: {'.svg': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl'},
  define: {'process.env.NODE_ENV': '"production"'},
  legalComments: 'none',
  logLevel: 'warning',
});

const files = bundle.outputFiles.map((file) => [file.path, file.contents]);
files.push([join(output, 'index.html'), readFileSync(join(here, 'src/index.html'))]);
files.push([join(output, 'icon.svg'), readFileSync(join(here, 'src/icon.svg'))]);
mkdirSync(output, {recursive: true});
for (const [path, contents] of files) {
  const compressed = gzipSync(contents, {level: 9});
  writeFileSync(`${path}.gz`, compressed);
  console.log(`${path}.gz ${compressed.length} bytes of ${contents.length}`);
}
