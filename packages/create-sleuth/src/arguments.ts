import { parseArgs } from 'node:util'
import { frameworks } from './frameworks.js'

export const usage = `Usage: npm create sleuth [name] -- [--framework NAME] [--typescript | --javascript]

Makes a folder with a service on sleuth, and its test. What is not said is asked for.

  name               name of the service and of the folder: small letters, digits and -
  --framework NAME   ${Object.keys(frameworks).join(', ')}
  --typescript       --javascript without types
  --help
`

export interface Asked {
  readonly help: boolean
  readonly name: string | undefined
  readonly framework: string | undefined
  readonly typescript: boolean | undefined
}

/** Throws an error with a message for the user. */
export function readArguments(args: readonly string[]): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      framework: { type: 'string' },
      typescript: { type: 'boolean' },
      javascript: { type: 'boolean' },
      help: { type: 'boolean', default: false },
    },
  })
  const [name, more] = positionals
  if (more !== undefined) throw new Error(`one name, not also "${more}"`)
  if (values.typescript && values.javascript) throw new Error('--typescript or --javascript, not both')
  return {
    help: values.help,
    name: name === undefined ? undefined : checkName(name),
    framework: values.framework === undefined ? undefined : checkFramework(values.framework),
    typescript: values.typescript ? true : values.javascript ? false : undefined,
  }
}

/** A name that a package, a folder and the host of a URL can have. */
export function checkName(name: string): string {
  if (/^[a-z](?:[a-z\d-]{0,62}[a-z\d])?$/.test(name)) return name
  throw new Error(
    `"${name}" is no name for a service: use small letters, digits and -, such as article-service`,
  )
}

export function checkFramework(name: string): string {
  if (Object.hasOwn(frameworks, name)) return name
  throw new Error(`"${name}" is none of the frameworks ${Object.keys(frameworks).join(', ')}`)
}
