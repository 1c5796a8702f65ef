/** The headers by which a browser tells where a request comes from. */
export interface SiteHeaders {
  readonly 'sec-fetch-site'?: string | undefined
  readonly origin?: string | undefined
  readonly host?: string | undefined
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a page of another origin sends a request that may change something. It could reach every service through the browser
 * of somebody on this machine. Services expect no browsers, so they do not check this.
 */
export function isCrossSite(method: string, headers: SiteHeaders, allowed: ReadonlySet<string>): boolean {
  if (safe.has(method)) return false
  const { origin } = headers
  if (origin !== undefined && allowed.has(origin.toLowerCase())) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  if (origin === undefined) return false
  // Before 2023 not all browsers sent the header above.
  return hostOf(origin) !== headers.host?.toLowerCase()
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase()
}
