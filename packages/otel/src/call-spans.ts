import {
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapSetter,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { AttemptMessage, CallContext, CallHeaders } from '@sleuth/core'
import { endAttributes, errorType, nameOf, startAttributes } from './attributes.js'

interface OpenSpan {
  readonly span: Span
  readonly context: Context
  /** The attempts after the first that have ended. */
  resent: number
}

const setter: TextMapSetter<CallHeaders> = {
  set: (headers, name, value) => headers.set(name, value),
}

export interface CallSpansOptions {
  readonly tracer: Tracer
  /** Each attempt has a span of its own, and not only an event. */
  readonly attempts: boolean
}

/** A CLIENT span for each call, from start to end. The call carries it to the service. */
export class CallSpans {
  readonly #open = new WeakMap<CallContext, OpenSpan>()

  start(call: CallContext, { tracer }: CallSpansOptions): void {
    const parent = context.active()
    const options = { kind: SpanKind.CLIENT, attributes: startAttributes(call) }
    const span = tracer.startSpan(nameOf(call), options, parent)
    const own = trace.setSpan(parent, span)
    this.#open.set(call, { span, context: own, resent: 0 })
    // Sentry's propagator takes no other context than the active one.
    context.with(own, () => propagation.inject(context.active(), call.headers, setter))
  }

  attempt(message: AttemptMessage, { tracer, attempts }: CallSpansOptions): void {
    const open = this.#open.get(message.call)
    if (open === undefined) return
    const { instance, cause, outcome, status, error, duration } = message
    const attributes = {
      'sleuth.attempt.cause': cause,
      'sleuth.attempt.outcome': outcome,
      'sleuth.instance.id': instance.id,
      ...(status !== undefined && { 'http.response.status_code': status }),
      ...(error !== undefined && { 'error.type': errorType(error) }),
    }
    if (cause !== 'first') open.resent++
    if (attempts) {
      const now = Date.now()
      const resent = cause === 'first' ? {} : { 'http.request.resend_count': open.resent }
      const span = tracer.startSpan(
        nameOf(message.call),
        {
          kind: SpanKind.CLIENT,
          startTime: now - duration,
          attributes: { ...startAttributes(message.call), ...attributes, ...resent },
        },
        open.context,
      )
      if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR })
      span.end(now)
    } else if (cause !== 'first' || outcome !== 'answered') {
      // The span itself says all of a call with one attempt that was answered.
      open.span.addEvent('sleuth.attempt', { ...attributes, 'sleuth.attempt.duration': duration / 1000 })
    }
  }

  end(call: CallContext): void {
    const open = this.#open.get(call)
    if (open === undefined) return
    this.#open.delete(call)
    const { span } = open
    const { status, error } = call
    span.setAttributes(endAttributes(call))
    if (error !== undefined) {
      span.recordException(error instanceof Error ? error : String(error))
      span.setStatus({
        code: SpanStatusCode.ERROR,
        message: error instanceof Error ? error.message : String(error),
      })
    } else if (status !== undefined && status >= 400) {
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span.end()
  }
}
