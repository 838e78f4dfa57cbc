import { Slo } from '@waybill/observability';

/** Injects the goal that 99.9 % of orders are answered. */
export const ACCEPTS = Symbol('waybill:accepts');

/** The goal, with nothing counted yet. */
export const acceptsSlo = (): Slo => new Slo('accepts', 0.999);
