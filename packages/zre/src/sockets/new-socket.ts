import type * as ZeroMQ from 'zeromq'
import { uninterrupted } from './uninterrupted.js'
import { zeromq } from './zeromq.js'

export function newRouter(options: ConstructorParameters<typeof ZeroMQ.Router>[0]): ZeroMQ.Router {
  return uninterrupted(() => new (zeromq().Router)(options))
}

export function newDealer(options: ConstructorParameters<typeof ZeroMQ.Dealer>[0]): ZeroMQ.Dealer {
  return uninterrupted(() => new (zeromq().Dealer)(options))
}
