import type { Schemas } from '@waybill/client';
import { api } from '../lib/session.ts';

export type SystemHealth = Schemas['SystemHealth'];

/** The health of every service; null if the system does not answer. What is unhealthy is answered with 503. */
export async function readHealth(): Promise<SystemHealth | null> {
  try {
    const { data, error } = await api.GET('/health');
    const report = (data ?? error) as SystemHealth | undefined;
    return report?.services ? report : null;
  } catch {
    return null;
  }
}
