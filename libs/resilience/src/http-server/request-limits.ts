/** Options of an HTTP server: how long a request may take to arrive. */
export interface RequestLimits {
  /** Milliseconds for the head of a request, from the connection or the end of the request before. */
  readonly headersTimeout: number;
  /** Milliseconds for a request whole, its body included. */
  readonly requestTimeout: number;
  readonly connectionsCheckingInterval: number;
}

/**
 * The limits of every HTTP server of this repository: a request that arrives too slowly is ended, by a `clientError` with
 * the code `ERR_HTTP_REQUEST_TIMEOUT`. Node looks for such requests every 30 s unless it is told otherwise.
 */
export const requestLimits = (headersTimeout = 10_000, requestTimeout = 30_000): RequestLimits => ({
  headersTimeout,
  requestTimeout,
  connectionsCheckingInterval: Math.ceil(headersTimeout / 20),
});
