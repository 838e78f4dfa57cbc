import type { DeadLetters } from '@waybill/dead-letter';
import type { AuditAccess } from '../audit/audit-access.ts';
import type { ChannelAccess } from '../channels/channel-access.ts';
import type { FaultAccess } from '../faults/fault-access.ts';
import type { MessageAccess } from '../messages/message-access.ts';
import type { RedriveAccess } from '../redrives/redrive-access.ts';
import type { ChannelReport } from './channels.ts';
import type { ExportAccess } from './exports.ts';
import type { JobAccess } from './jobs.ts';
import type { JourneyRow } from './journey.ts';
import type { PersonalDataAccess } from './personal-parts.ts';
import type { ProjectionAccess } from './projections.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/** The dead letters of one service, wherever it runs. */
export type DeadLetterAccess = Pick<
  DeadLetters,
  'list' | 'read' | 'original' | 'audit' | 'redrive' | 'discard'
>;

/** What an operator can see and do at one service. `SystemOperations` merges those of all services. */
export interface Operations {
  readonly service: string;
  readonly deadLetters: DeadLetterAccess;
  readonly redrives: RedriveAccess;
  /** What is done to the channels that it subscribes to. */
  readonly control: ChannelAccess;
  readonly messages: MessageAccess;
  readonly faults: FaultAccess;
  readonly audit: AuditAccess;
  readonly projections: ProjectionAccess;
  readonly jobs: JobAccess;
  readonly exports: ExportAccess;
  readonly personalData: PersonalDataAccess;
  /** Every subscription of the service. */
  channels(): Promise<readonly ChannelReport[]>;
  /** The counts of each of its processes. */
  metrics(): Promise<readonly ServiceMetrics[]>;
  /** Every message of a key that the service has processed. */
  journey(key: string): Promise<readonly JourneyRow[]>;
}

/** Injects the `Operations` of the service. */
export const OPERATIONS = Symbol('waybill:operations');
