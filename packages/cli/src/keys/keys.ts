import type { Arguments, Io } from '../command.js'
import { exit } from '../exit-codes.js'
import { jsonLine, plain } from '../output/text.js'
import { UsageError } from '../usage-error.js'
import { isOpenToOthers, keysText, writeKeys } from './keys-file.js'
import type { keysOptions } from './options.js'
import { securityOf } from './security.js'

type Values = Arguments<typeof keysOptions>['values']

/** What `sleuth keys` does. */
export async function runKeys(
  { values, positionals }: Arguments<typeof keysOptions>,
  io: Io,
): Promise<number> {
  const [action, file, ...others] = positionals
  if (others.length > 0) throw new UsageError(`keys ${action} takes one file, and not "${others[0]}" as well`)
  if (action === 'generate') {
    if (file !== undefined) throw new UsageError(`keys generate takes its file by -o ${file}`)
    return generate(values, io)
  }
  if (action !== 'show' && action !== 'check') {
    throw new UsageError('keys needs what to do: generate, show FILE or check LIST')
  }
  if (file === undefined) throw new UsageError(`keys ${action} needs a file: sleuth keys ${action} FILE`)
  return action === 'show' ? show(file, values, io) : check(file, values, io)
}

/** Without a file the pair goes to stdout. With one only the public key does, as a line for a list. */
async function generate({ output, name, allow }: Values, { stdout, json }: Io): Promise<number> {
  const { generateKeys } = await import('@sleuth/zre/keys')
  const pair = generateKeys()
  if (/['\n]/.test(allow)) throw new UsageError('--allow is a path without quotes and line breaks')
  if (output !== undefined) {
    await writeKeys(output, keysText(pair, allow))
    stdout.write(json ? jsonLine({ publicKey: pair.publicKey, file: output }) : listLine(pair, name))
  } else stdout.write(json ? jsonLine(pair) : keysText(pair, allow))
  return exit.ok
}

/** Never prints the secret key. */
async function show(file: string, { name }: Values, { stdout, stderr, json }: Io): Promise<number> {
  const [{ publicKey, secretKey }, { checkKeys }] = await Promise.all([
    securityOf(file, 'keys show'),
    import('@sleuth/zre/keys'),
  ])
  checkKeys(publicKey, secretKey)
  if (await isOpenToOthers(file)) stderr.write(`${plain(file)} can be read by others: chmod 600 it.\n`)
  stdout.write(json ? jsonLine({ publicKey }) : listLine({ publicKey }, name))
  return exit.ok
}

async function check(list: string, { keys }: Values, { stdout, json }: Io): Promise<number> {
  const { readKeys } = await import('@sleuth/zre/keys')
  const allowed = await readKeys(list)
  const own = keys === undefined ? undefined : (await securityOf(keys)).publicKey
  const isIn = own === undefined ? undefined : allowed.has(own)
  if (json) stdout.write(jsonLine({ keys: allowed.size, allowed: isIn }))
  else {
    const count = allowed.size === 1 ? '1 key' : `${allowed.size} keys`
    const others = allowed.size === 0 ? ', so nobody is let in' : ''
    stdout.write(`${plain(list)} has ${count}${others}.\n`)
    if (isIn !== undefined)
      stdout.write(`The key of ${plain(keys as string)} is ${isIn ? '' : 'not '}among them.\n`)
  }
  return isIn === false ? exit.failed : exit.ok
}

function listLine({ publicKey }: { readonly publicKey: string }, name: string | undefined): string {
  if (name !== undefined && /[\r\n]/.test(name)) throw new UsageError('--name is one line')
  return `${publicKey}${name === undefined ? '' : ` ${name}`}\n`
}
