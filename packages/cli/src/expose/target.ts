/** The HTTP server that is exposed. */
export interface Target {
  /** A name or an IP address, without brackets. */
  readonly host: string
  readonly port: number
  /** As it stands in `Host`. */
  readonly authority: string
  /** What comes before each path, without a slash at its end. */
  readonly base: string
  readonly href: string
}

/** Returns what is wrong with the text, as the end of a sentence. */
export function targetOf(text: string): Target | string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:')
    return 'must begin with http://: expose talks to a server on this machine, without TLS'
  if (url?.protocol !== 'http:') return 'must be the URL of an HTTP server, such as http://127.0.0.1:8000'
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    return 'must have no user, query or fragment'
  const { hostname, port, host, pathname, href } = url
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 80 : Number(port),
    authority: host,
    base: withoutSlashes(pathname),
    href: withoutSlashes(href),
  }
}

function withoutSlashes(text: string): string {
  let end = text.length
  while (text[end - 1] === '/') end--
  return text.slice(0, end)
}
