import { register } from 'node:module'

/** Whoever imports `name` from now on gets the package `alias`, an older major version of it. */
export function useInstead(name: string, alias: string): void {
  const names = JSON.stringify({ [name]: alias })
  const hook = `
    export function resolve(specifier, context, next) {
      const isOurs = !context.parentURL?.includes('/node_modules/')
      return next((isOurs && ${names}[specifier]) || specifier, context)
    }`
  register(`data:text/javascript,${encodeURIComponent(hook)}`)
}
