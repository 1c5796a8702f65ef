import type { Request } from './request.js'
import type { Response } from './response.js'
import type { Socket } from './socket.js'

/** Whether somebody is told when the caller hangs up. Node itself listens for the socket's 'close', and for nothing else. */
export function isTold(req: Request, res: Response, socket: Socket): boolean {
  if (res.listenerCount('close') > 0 || socket.listenerCount('close') > 1) return true
  return ['close', 'aborted', 'error'].some((event) => req.listenerCount(event) > 0)
}
