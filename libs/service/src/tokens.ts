/** Injects the parsed settings of the service. */
export const CONFIG = Symbol('waybill:config');
