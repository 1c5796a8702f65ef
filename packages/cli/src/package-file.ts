/** A file of this package. Both `dist/` of a checkout and `bundle/` of what is published are one folder deep. */
export function packageFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url)
}
