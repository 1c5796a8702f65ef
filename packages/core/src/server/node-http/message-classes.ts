import { IncomingMessage, ServerResponse } from 'node:http'
import type { Listener } from '../types.js'

/** The classes of the two objects that a listener is given. */
export interface MessageClasses {
  readonly Request: new (socket: IncomingMessage['socket']) => IncomingMessage
  readonly Response: new (req: IncomingMessage) => ServerResponse
}

const plain: MessageClasses = { Request: IncomingMessage, Response: ServerResponse }

/**
 * An Express app gives each request and response another prototype, its own `request` and `response`. To change the
 * prototype of an object costs V8 more than all the rest of a call, and to set the one that it has costs nothing: so for
 * such an app they are made on its own from the start.
 */
export function messageClassesFor(listener: Listener): MessageClasses {
  const { request, response } = listener as { request?: unknown; response?: unknown }
  if (!(request instanceof IncomingMessage) || !(response instanceof ServerResponse)) return plain
  try {
    const made = { Request: derive(IncomingMessage, request), Response: derive(ServerResponse, response) }
    new made.Response(new made.Request(undefined as never))
    return made
  } catch {
    // A Node in which these are classes, which can't be called.
    return plain
  }
}

function derive<T extends new (argument: never) => object>(Base: T, prototype: object): T {
  function Derived(this: object, argument: unknown): void {
    Reflect.apply(Base as unknown as () => void, this, [argument])
  }
  Derived.prototype = prototype
  return Derived as unknown as T
}
