// Makes the one file that is published, with the library in it: `node bundle.js FOLDER`, run by `npm pack`. A program of one
// file starts in half the time. zeromq stays outside, since it is a native addon.
//   node bundle.js --clean FOLDER    removes it again, so that a checkout runs what tsc makes

import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const clean = process.argv[2] === '--clean'
const folder = resolve(process.argv[clean ? 3 : 2] ?? join(here, 'bundle'))

await rm(folder, { recursive: true, force: true })
if (!clean) await bundle()

async function bundle() {
  const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: ['dist/bin.js'],
    outfile: join(folder, 'sleuth.cjs'),
    bundle: true,
    platform: 'node',
    // A module of a bundle in this format loads Node's own modules when it runs. One of an ES module has them loaded at once:
    // http, zlib and others, of which `--help` needs none.
    format: 'cjs',
    target: 'node20.19',
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href" },
    external: ['zeromq'],
    plugins: [versionOfCore()],
    legalComments: 'none',
    metafile: true,
  })
  await writeFile(join(folder, 'LICENSES.md'), await licences(Object.keys(metafile.inputs)))
}

/** Core reads its version from its package.json, which is not there when it is a part of this file. */
function versionOfCore() {
  const read = "createRequire(import.meta.url)('@sleuth/core/package.json')"
  return {
    name: 'version-of-core',
    setup({ onLoad }) {
      onLoad({ filter: /core[\\/]dist[\\/]shared[\\/]version\.js$/ }, async ({ path }) => {
        const code = await readFile(path, 'utf8')
        if (!code.includes(read)) throw new Error(`${path} does not read the version of core by ${read}`)
        const file = join(dirname(path), '../../package.json')
        const { version } = JSON.parse(await readFile(file, 'utf8'))
        return { contents: code.replace(read, JSON.stringify({ version })), loader: 'js' }
      })
    },
  }
}

/** The licences of the packages of others that are in the file. */
async function licences(inputs) {
  const parts = ['# Licences of what is bundled\n']
  for (const home of [...new Set(inputs.map(packageOf).filter(Boolean))].sort()) {
    const path = join(here, home)
    const { name, version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'))
    const file = (await readdir(path)).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry))
    if (file === undefined) throw new Error(`${name} has no file with its licence`)
    parts.push(`## ${name} ${version}\n\n${(await readFile(join(path, file), 'utf8')).trim()}\n`)
  }
  return parts.join('\n')
}

/** The folder of the package that a file is in: none for packages of this repository. */
function packageOf(input) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]
}
