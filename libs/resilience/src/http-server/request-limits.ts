/** Options of an HTTP server: how long a request may take to arrive. */
export interface RequestLimits {
  /** Milliseconds for the head of a request, counted from the connection or the end of the previous request. */
  readonly headersTimeout: number;
  /** Milliseconds for the whole request, including its body. */
  readonly requestTimeout: number;
  readonly connectionsCheckingInterval: number;
}

/**
 * The limits of every HTTP server in this repository: a request that arrives too slowly ends with a `clientError` with
 * the code `ERR_HTTP_REQUEST_TIMEOUT`. By default Node checks for such requests only every 30 s.
 */
export const requestLimits = (headersTimeout = 10_000, requestTimeout = 30_000): RequestLimits => ({
  headersTimeout,
  requestTimeout,
  connectionsCheckingInterval: Math.ceil(headersTimeout / 20),
});
