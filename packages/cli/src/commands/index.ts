import type { Command } from '../command.js'

/**
 * Every command, in the order of `sleuth --help`. Each is loaded when it is needed. The module of a command holds what help
 * and completion say; what it does is loaded by its `run`.
 */
const loaders = {
  ls: async () => (await import('./ls.js')).ls,
  doctor: async () => (await import('./doctor.js')).doctor,
  watch: async () => (await import('./watch.js')).watch,
  call: async () => (await import('./call.js')).call,
  map: async () => (await import('./map.js')).map,
  bench: async () => (await import('./bench.js')).bench,
  keys: async () => (await import('./keys.js')).keys,
  completion: async () => (await import('./completion.js')).completion,
  gateway: async () => (await import('./gateway.js')).gateway,
  expose: async () => (await import('./expose.js')).expose,
  help: async () => (await import('./help.js')).help,
} satisfies Record<string, () => Promise<Command>>

export const commandNames: readonly string[] = Object.keys(loaders)

export async function loadCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(loaders, name) ? loaders[name as keyof typeof loaders]() : undefined
}

export function loadAll(): Promise<Command[]> {
  return Promise.all(Object.values(loaders).map((load) => load()))
}
