/** Injects the parsed settings of the service. */
export const CONFIG = Symbol('waybill:config');

/** Injects the `Clock` of the service. */
export const CLOCK = Symbol('waybill:clock');

/** Injects the `Log` of the service. */
export const LOGGER = Symbol('waybill:logger');
