import { instrument } from './instrument.js'

const INSTRUMENTED = /\/packages\/(?:zre|core)\/dist\/.*\.js$/

export async function load(url, context, next) {
  const loaded = await next(url, context)
  if (loaded.format !== 'module' || !INSTRUMENTED.test(url)) return loaded
  return { ...loaded, source: instrument(loaded.source.toString()) }
}
