/** Injects the `TokenVerifier` of the service. */
export const TOKEN_VERIFIER = Symbol('waybill:token-verifier');

/** Injects the HTTP status by `code`, for errors that decisions throw. */
export const PROBLEM_STATUSES = Symbol('waybill:problem-statuses');
