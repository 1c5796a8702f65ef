/** Beside an answer that no handler gave: the call's own handle, which no answer that was copied from elsewhere could have. */
export const handleHeader = 'X-Sleuth-Handle'
