/** Injects the parsed settings of the service. */
export const CONFIG = Symbol('waybill:config');

/** Injects the `Clock` of the service. */
export const CLOCK = Symbol('waybill:clock');

/** Injects the `Log` of the service. */
export const LOGGER = Symbol('waybill:logger');

/** Injects the `TokenVerifier` of the service. */
export const TOKEN_VERIFIER = Symbol('waybill:token-verifier');

/** Injects the HTTP status by `code`, for errors that decisions throw. */
export const PROBLEM_STATUSES = Symbol('waybill:problem-statuses');
