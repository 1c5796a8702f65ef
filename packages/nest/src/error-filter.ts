import { type ArgumentsHost, Catch, HttpException, Logger } from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'
import { SleuthError } from '@sleuth/core'
import { type Observable, throwError } from 'rxjs'

/**
 * NestJS answers 500 to all errors but its own. A call that fails is 502, 503 or 504, as in the other frameworks. What is a fault
 * of this program is for its log, and not for the client.
 */
export class SleuthErrorFilter extends BaseExceptionFilter {
  override catch(error: SleuthError, host: ArgumentsHost): Observable<never> | undefined {
    const { code, statusCode } = error
    const isOurs = statusCode === 500
    if (isOurs) Logger.error(error.message, error.stack, SleuthErrorFilter.name)
    const message = isOurs ? 'Internal server error' : error.message
    switch (host.getType<string>()) {
      case 'http':
        super.catch(new HttpException(message, statusCode, { cause: error }), host)
        return undefined
      case 'rpc':
        // A transport sends it as JSON, in which an error has no message.
        return throwError(() => ({ status: 'error', message, code }))
      case 'ws':
        host.switchToWs().getClient<Emitter>().emit?.('exception', { status: 'error', message })
        return undefined
      default:
        // GraphQL and others take what is thrown.
        throw error
    }
  }
}

/** A client of socket.io. */
interface Emitter {
  emit?(event: string, data: object): void
}

Catch(SleuthError)(SleuthErrorFilter)
