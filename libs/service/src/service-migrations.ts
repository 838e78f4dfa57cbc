import { OperatorActions1796750000001 } from './audit/operator-actions.ts';
import {
  ChannelsPausedByServices1797700000002,
  PausedChannels1796810000001,
} from './channels/paused-channel.table.ts';
import { InjectedFaults1795980000007 } from './faults/injected-faults.ts';
import { RedriveJobs1796810000002 } from './redrives/redrive-job.table.ts';

/** The tables that `ServiceModule` needs; list them among the migrations of the service. */
export const serviceMigrations = [
  InjectedFaults1795980000007,
  OperatorActions1796750000001,
  PausedChannels1796810000001,
  RedriveJobs1796810000002,
  ChannelsPausedByServices1797700000002,
];
