import { type Framework, frameworks } from './frameworks.js'
import { javascriptOf } from './javascript.js'

export interface Choice {
  /** The name of the service, and of the folder. */
  readonly name: string
  readonly framework: string
  readonly typescript: boolean
}

/** The files of a new project, by their path. `version`: that of sleuth. */
export function filesOf({ name, framework, typescript }: Choice, version: string): Record<string, string> {
  const chosen = frameworks[framework] as Framework
  const extension = typescript ? 'ts' : 'js'
  const code = (template: string) => (typescript ? template : javascriptOf(template)).replaceAll('NAME', name)
  return {
    'package.json': `${JSON.stringify(manifest(name, chosen, typescript, version), null, 2)}\n`,
    [`src/app.${extension}`]: code(app(chosen)),
    [`src/main.${extension}`]: code(main),
    [`test/app.test.${extension}`]: code(test),
    'README.md': readme(name, typescript),
    '.gitignore': 'node_modules/\ndist/\n',
    ...(typescript && { 'tsconfig.json': tsconfig }),
  }
}

function manifest(name: string, framework: Framework, typescript: boolean, version: string): object {
  const own = (versions: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(versions).map(([module, range]) => [module, range === 'SLEUTH' ? `^${version}` : range]),
    )
  const sleuth = own({ '@sleuth/core': 'SLEUTH' })
  return {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    engines: { node: '^20.19.0 || >=22.12.0' },
    scripts: typescript
      ? {
          build: 'tsc',
          start: 'npm run build && node dist/src/main.js',
          test: 'npm run build && node --test dist/test/',
        }
      : { start: 'node src/main.js', test: 'node --test' },
    dependencies: { ...sleuth, ...own(framework.dependencies) },
    devDependencies: {
      ...own({ '@sleuth/testing': 'SLEUTH' }),
      ...(typescript && { ...framework.types, '@types/node': '^20.19.0', typescript: '^5.9.0' }),
    },
  }
}

function app({ imports, body }: Framework): string {
  return `${sorted([...imports, "import type { SleuthOptions } from '@sleuth/core'"]).join('\n')}

/** The service. It has joined when this resolves. A test gives the network that it is to join. */
export async function createApp(options: Omit<SleuthOptions, 'handler'> = {}) {
${body}
}
`
}

/** Node's own modules first, as formatters want it. */
function sorted(imports: string[]): string[] {
  const path = (line: string) => line.split("'")[1] ?? ''
  const isBuiltin = (line: string) => path(line).startsWith('node:')
  return imports.sort((a, b) => Number(isBuiltin(b)) - Number(isBuiltin(a)) || (path(a) < path(b) ? -1 : 1))
}

const mainImport = "import { createApp } from './app.js'"

const main = `${mainImport}

const app = await createApp()
// Without a port the service answers over sleuth alone.
if (process.env.PORT) await app.listen(Number(process.env.PORT))
console.log('NAME is up')

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
`

const testImports = [
  "import assert from 'node:assert/strict'",
  "import test from 'node:test'",
  "import { createTestNetwork } from '@sleuth/testing'",
  "import { createApp } from '../src/app.js'",
]

const test = `${testImports.join('\n')}

test('says hello', async (t) => {
  const network = createTestNetwork()
  t.after(() => network.close())
  await createApp({ network })
  const client = await network.createSleuth()

  const response = await client.do('sleuth://NAME/hello/bear')

  assert.deepEqual(await response.json(), { hello: 'bear' })
})
`

const tsconfig = `{
  "compilerOptions": {
    "target": "es2022",
    "module": "nodenext",
    "strict": true,
    "skipLibCheck": true,
    "types": ["node"],
    "rootDir": ".",
    "outDir": "dist"
  },
  "include": ["src", "test"]
}
`

function readme(name: string, typescript: boolean): string {
  return `# ${name}

A service on [sleuth](https://github.com/sleuth-node/sleuth). Others on the network call it by its name.

\`\`\`sh
npm install
npm test
npm start                                  # joins the network; PORT=3000 npm start answers HTTP as well
npx @sleuth/cli call ${name}/hello/bear    # in another terminal
\`\`\`

On your own machine alone: \`SLEUTH_INTERFACE=loopback\` before both commands.

\`src/app.${typescript ? 'ts' : 'js'}\` has the routes. Call other services with \`sleuth.do('sleuth://other-service/path')\`.
`
}
