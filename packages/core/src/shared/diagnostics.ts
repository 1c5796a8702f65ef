import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DownReason, EmittedEvent, Instance, SleuthPeer } from '../types.js'
import type { SleuthError } from './errors.js'

/** The headers of a call before it leaves. Headers that it inherits are added later, unless they are set here. */
export interface CallHeaders {
  /** The value of a header. Undefined if the call does not set it. */
  get(name: string): string | undefined
  has(name: string): boolean
  /** Replaces all values of a header. It has an effect only in a subscriber of `start`. Throws for what can't be sent. */
  set(name: string, value: string): void
}

/** What sleuth publishes to the events of the tracing channel `sleuth.call`. A call has one object, from start to end. */
export interface CallContext {
  readonly service: string
  readonly method: string
  /** Path and query, as they are sent. */
  readonly url: string
  readonly headers: CallHeaders
  /** The number of attempts so far. */
  readonly attempts: number
  /** The instance that responded. */
  readonly instance?: Instance | undefined
  /** The status of the response. */
  readonly status?: number | undefined
  /** Why the call failed. */
  readonly error?: unknown
}

/** Why an attempt was made: it is the first, follows one that failed, or goes beside one that takes long. */
export type AttemptCause = 'first' | 'retry' | 'hedge'

/** What sleuth publishes to `sleuth.attempt` when one request to one instance has ended. */
export interface AttemptMessage {
  readonly call: CallContext
  readonly instance: Instance
  readonly cause: AttemptCause
  /** `cancelled`: the call ended without it, by another attempt, an abort or its timeout. */
  readonly outcome: 'answered' | 'failed' | 'cancelled'
  readonly status?: number | undefined
  readonly error?: unknown
  /** Milliseconds. */
  readonly duration: number
}

/** What sleuth publishes to `sleuth.instance` when an instance appears or goes. */
export interface InstanceMessage {
  readonly type: 'up' | 'down'
  readonly service: string
  readonly instance: Instance
  /** Why it went. */
  readonly reason?: DownReason | undefined
}

/** What sleuth publishes to `sleuth.request` when a service has done with a request, or refuses it. */
export interface RequestMessage {
  readonly service: string
  readonly peer: SleuthPeer
  /** Undefined for a request that was refused: no handler got it. */
  readonly request?: IncomingMessage | undefined
  readonly response?: ServerResponse | undefined
  /** Milliseconds until the response was sent, or given up. */
  readonly duration: number
  /** Why the response did not reach its end. */
  readonly aborted?: string | undefined
  readonly refused?: 'draining' | 'overloaded' | undefined
}

/** What sleuth publishes to `sleuth:drop` when it drops a message of a peer. */
export interface DropMessage {
  readonly error: SleuthError
}

/** What sleuth publishes to `sleuth.emit` before an event leaves. */
export interface EmitMessage {
  readonly topic: string
  /** Those that are set here travel with the event. */
  readonly headers: CallHeaders
}

/** What sleuth publishes to the events of the tracing channel `sleuth.event`: one listener gets one event. */
export interface EventContext {
  readonly event: EmittedEvent
  /** Why the listener failed. */
  readonly error?: unknown
}

// Nothing is made for a channel that has no subscriber: look at `hasSubscribers` before you make a message.

export const callChannel = tracingChannel<unknown, object>('sleuth.call')
export const attemptChannel = channel('sleuth.attempt')
export const emitChannel = channel('sleuth.emit')
export const eventChannel = tracingChannel<unknown, object>('sleuth.event')
export const requestChannel = channel('sleuth.request')
const instances = channel('sleuth.instance')
const drops = channel('sleuth:drop')

export function publishInstance(type: InstanceMessage['type'], event: Omit<InstanceMessage, 'type'>): void {
  if (instances.hasSubscribers) instances.publish({ type, ...event } satisfies InstanceMessage)
}

export function publishDrop(error: SleuthError): void {
  if (drops.hasSubscribers) drops.publish({ error } satisfies DropMessage)
}
