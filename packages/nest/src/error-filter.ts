import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'
import { SleuthError } from '@sleuth/core'
import { type Observable, throwError } from 'rxjs'

/** NestJS answers 500 to all errors but its own. A call that fails is 502, 503 or 504, as in the other frameworks. */
export class SleuthErrorFilter extends BaseExceptionFilter {
  override catch(error: SleuthError, host: ArgumentsHost): Observable<never> | undefined {
    if (host.getType() !== 'http') return throwError(() => error)
    super.catch(new HttpException(error.message, error.statusCode, { cause: error }), host)
    return undefined
  }
}

Catch(SleuthError)(SleuthErrorFilter)
