/** Injects the parsed settings of the service. */
export const CONFIG = Symbol('waybill:config');

/** Injects the `FaultPoints` of the service; null where faults are not allowed. */
export const FAULTS = Symbol('waybill:faults');
