import { register } from 'node:module'

/** Whoever imports `name` from now on gets the package `alias`, an older major version of it. */
export function useInstead(name: string, alias: string): void {
  const names = JSON.stringify({ [name]: alias })
  redirect(`next((isOurs && ${names}[specifier]) || specifier, context)`)
}

/**
 * Whoever imports a package of `scope` from now on gets the one that the folder `of` has installed. For packages that are peers of
 * one another, which an alias can't be.
 */
export function useScopeOf(of: URL, scope: string): void {
  const [start, parentURL] = [`${scope}/`, new URL('package.json', of).href].map((text) =>
    JSON.stringify(text),
  )
  redirect(
    `next(specifier, isOurs && specifier.startsWith(${start}) ? { ...context, parentURL: ${parentURL} } : context)`,
  )
}

function redirect(resolved: string): void {
  const hook = `
    export function resolve(specifier, context, next) {
      const isOurs = !context.parentURL?.includes('/node_modules/')
      return ${resolved}
    }`
  register(`data:text/javascript,${encodeURIComponent(hook)}`)
}
