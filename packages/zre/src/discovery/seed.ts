import { isIP } from 'node:net'
import { fileURLToPath } from 'node:url'
import { canonicalAddress } from '../wire/endpoint.js'
import { isPublicKey, KEY_CHARACTERS, type PublicKey } from '../wire/key.js'

/** The TCP port of a seed that names none. */
const SEED_PORT = 5670

/** Where to look for nodes, as a user wrote it. */
export type Seed =
  /** An address, which is taken as it is. */
  | ({
      readonly kind: 'address'
      readonly text: string
      readonly address: string
      readonly port: number
    } & Keyed)
  /** A name with one address or many. */
  | ({ readonly kind: 'name'; readonly text: string; readonly name: string; readonly port: number } & Keyed)
  /** A name with records of type SRV, which say the ports as well. */
  | ({ readonly kind: 'service'; readonly text: string; readonly name: string } & Keyed)
  /** A file with a seed in each line. */
  | { readonly kind: 'file'; readonly text: string; readonly path: string }

/** A seed that may stand in a file. A file does not lead to another. */
export type LineSeed = Exclude<Seed, { kind: 'file' }>

/** The public key of the nodes there, where a network has keys and they are known. */
interface Keyed {
  readonly key: PublicKey | undefined
}

const FORMS = 'tcp://host:port, dns://name:port, dns+srv://name or file:///path'
/** The longest name in DNS (RFC 1035). */
const MAX_NAME = 253

/** A seed; or what is wrong with the text, as the end of a sentence. */
export function parseSeed(text: string): Seed | string {
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.*)$/s.exec(text) ?? []
  if (scheme === 'file') return parseFile(text)
  if (scheme !== 'tcp' && scheme !== 'dns' && scheme !== 'dns+srv') return `must be ${FORMS}`
  // A key may contain any of the characters that divide a URL, so it takes all that follows the first "#".
  const hash = rest.indexOf('#')
  const place = hash < 0 ? rest : rest.slice(0, hash)
  const key = hash < 0 ? undefined : rest.slice(hash + 1)
  if (key !== undefined && !isPublicKey(key))
    return `must have a public key of ${KEY_CHARACTERS} characters after "#"`
  return parsePlace(text, scheme, place, key)
}

/** A list in an environment variable, or a line of a file. */
export function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '')
}

function parsePlace(text: string, scheme: string, place: string, key: PublicKey | undefined): Seed | string {
  const match = /^(?:\[([^\]]*)\]|([^:[\]/?@]+))(?::(\d{1,5}))?$/.exec(place)
  if (match === null) return `must be ${FORMS}`
  const [, bracketed, plain = '', digits] = match
  const port = digits === undefined ? SEED_PORT : Number(digits)
  if (port < 1 || port > 0xffff) return 'must have a port from 1 to 65535'
  const address = canonicalAddress(bracketed ?? plain)
  if (address !== undefined) {
    if (bracketed !== undefined && !address.includes(':')) return 'must have an IPv6 address in the brackets'
    return scheme === 'tcp'
      ? { kind: 'address', text, address, port, key }
      : 'must have a name, and not an address'
  }
  if (bracketed !== undefined || !isName(plain)) return 'must have a name or an address that is well formed'
  if (scheme !== 'dns+srv') return { kind: 'name', text, name: plain, port, key }
  return digits === undefined
    ? { kind: 'service', text, name: plain, key }
    : 'must have no port: the SRV records have it'
}

function parseFile(text: string): Seed | string {
  try {
    return { kind: 'file', text, path: fileURLToPath(text) }
  } catch {
    return 'must be the URL of a file on this host, as file:///run/sleuth/seeds'
  }
}

/** What looks like an address and is none (`10.0.0.256`) is no name either: a resolver would read it in a way of its own. */
function isName(text: string): boolean {
  return (
    text.length <= MAX_NAME && /^[A-Za-z0-9_.-]+$/.test(text) && !/^[\d.]+$/.test(text) && isIP(text) === 0
  )
}
