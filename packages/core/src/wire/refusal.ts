/** Set on every answer that sleuth gives in the handler's place, so that it can be told from the app's own. */
export const errorHeader = 'X-Sleuth-Error'

/** Beside a refusal: the call's own handle, which no answer that a handler has copied from elsewhere could have. */
export const handleHeader = 'X-Sleuth-Handle'

/** Why a request was given to no handler, though another instance may well take it. */
export type Turned = 'draining' | 'overloaded'
