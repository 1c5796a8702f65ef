import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** The messages of a channel while an action runs. */
export async function heard<T>(name: string, action: () => Promise<unknown>): Promise<T[]> {
  const messages: T[] = []
  const listener = (message: unknown) => messages.push(message as T)
  subscribe(name, listener)
  try {
    await action()
  } finally {
    unsubscribe(name, listener)
  }
  return messages
}
