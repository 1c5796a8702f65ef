import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { AttemptMessage, CallContext, Instance } from '@sleuth/core'

const calls = tracingChannel<unknown, object>('sleuth.call')

export const instance: Instance = {
  id: 'A'.repeat(32),
  name: 'bear',
  version: '1.2.3',
  endpoint: 'tcp://10.0.0.7:4567',
  wire: 2,
  ready: true,
  meta: {},
}

type Outcome = { status: number } | { error: unknown }

/** Publishes a call as core does. */
export class FakeCall {
  readonly sent = new Map<string, string>()
  readonly context: CallContext

  constructor(more: Partial<CallContext> = {}) {
    const { sent } = this
    const headers = {
      get: (name: string) => sent.get(name),
      has: (name: string) => sent.has(name),
      set: (name: string, value: string) => void sent.set(name, value),
    }
    this.context = { service: 'foo', method: 'GET', url: '/a?b=c', attempts: 1, headers, ...more }
  }

  start(): this {
    calls.start.publish(this.context)
    calls.end.publish(this.context)
    return this
  }

  attempt(message: Pick<AttemptMessage, 'cause' | 'outcome'> & Partial<AttemptMessage>): this {
    channel('sleuth.attempt').publish({ call: this.context, instance, duration: 5, ...message })
    return this
  }

  end(outcome: Outcome, more: Partial<CallContext> = { instance }): this {
    Object.assign(this.context, outcome, more)
    if ('error' in outcome) calls.error.publish(this.context as never)
    calls.asyncStart.publish(this.context as never)
    calls.asyncEnd.publish(this.context as never)
    return this
  }
}
