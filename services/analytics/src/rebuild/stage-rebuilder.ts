import { Inject, Injectable } from '@nestjs/common';
import { kindOfChannel } from '@waybill/contracts';
import type { ProjectionStatus, Rebuild } from '@waybill/event-store';
import { Problem } from '@waybill/http';
import {
  type Broker,
  Brokers,
  type ChannelStats,
  CLOCK,
  type Clock,
  GroupInUse,
} from '@waybill/messaging';
import {
  type ManagedProjection,
  Projections,
  Scheduled,
  ServiceChannels,
  type TaskRun,
} from '@waybill/service';
import type { AnalyticsConfig } from '../analytics.config.ts';
import {
  earlierStages,
  type PipelineStage,
  type StageName,
  stageNames,
  stages,
} from '../domain/stages.ts';
import { type StageRebuild, StageRebuildRepository } from '../storage/stage-rebuild.repository.ts';

/**
 * Builds a stage of the pipeline again from the first message that its channel has. Its group is paused while it is set back, and
 * longer if an operator has paused it. What it publishes replaces its results, which are there meanwhile.
 */
@Injectable()
export class StageRebuilder {
  constructor(
    private readonly rebuilds: StageRebuildRepository,
    private readonly channels: ServiceChannels,
    private readonly brokers: Brokers,
    @Inject(CLOCK) private readonly clock: Clock,
    projections: Projections,
  ) {
    for (const name of stageNames) projections.add(name, () => this.managed(name));
    for (const [name, stage] of Object.entries(earlierStages)) {
      projections.add(name, () => ({ status: () => this.position(stage), notRebuildable: mixed }));
    }
  }

  @Scheduled<AnalyticsConfig>({ name: 'stage-rebuilds', every: ({ jobsEvery }) => jobsEvery })
  async work({ lease }: TaskRun): Promise<void> {
    const found = await this.rebuilds.open();
    if (!found) return;
    const { id, stage, requestedBy: by } = found;
    if (found.expected === null) {
      if (!(await this.setBack(stage, by))) return;
      await this.rebuilds.reset(lease, stage);
      const expected = await this.depth(stage);
      await this.channels.release(stages[stage].source);
      // Last, so that a killed rebuild never leaves a channel paused.
      await this.rebuilds.replays(lease, id, expected);
    } else if ((await this.depth(stage)) === 0) {
      await this.rebuilds.finish(lease, id, this.clock.now());
    }
  }

  /** Moves the group of the stage to its first message; false while a replica consumes it, or a timer is set. */
  private async setBack(stage: StageName, by: string): Promise<boolean> {
    const { group, source, timers } = stages[stage];
    await this.channels.hold(source, by);
    const { operations } = this.brokerOf(stages[stage]);
    try {
      await operations?.seek(group, 'earliest', [source]);
      // The timers that will be set have the ids of those that were set before: of one that comes later, the new one would be a repetition.
      if (await this.rebuilds.hasTimers(stage)) return false;
      await operations?.seek(group, 'latest', [timers]);
      return true;
    } catch (error) {
      if (error instanceof GroupInUse) return false;
      throw error;
    }
  }

  private managed(name: StageName): ManagedProjection {
    const { guarantees, name: broker } = this.brokerOf(stages[name]);
    const status = () => this.status(name);
    if (!guarantees.replayable)
      return { status, notRebuildable: `${broker} does not keep what it has delivered` };
    return {
      status,
      rebuild: (by) => this.begin(name, by),
      findRebuild: async (id) => {
        const found = await this.rebuilds.find(id);
        return found?.stage === name ? this.shown(found) : undefined;
      },
    };
  }

  private async begin(name: StageName, by: string): Promise<Rebuild> {
    const begun = await this.rebuilds.begin(name, by, this.clock.now());
    if (begun.stage === name) return this.shown(begun);
    const detail = `${name} is not built again: ${begun.stage} is now, one at a time; repeat it when that is done`;
    throw new Problem(409, 'not_rebuildable', detail);
  }

  private async status(
    name: StageName,
  ): Promise<ProjectionStatus & { readonly rebuild: Rebuild | null }> {
    const found = await this.rebuilds.open();
    const rebuild = found?.stage === name ? await this.shown(found) : null;
    return { ...(await this.position(stages[name])), rebuild };
  }

  private async position(stage: PipelineStage): Promise<ProjectionStatus> {
    const stats = await this.stats(stage);
    const depth = sum(stats, (each) => each.depth);
    const partitions = stats.flatMap((each) => each.partitions ?? []);
    const head = sum(partitions, ({ end }) => end ?? 0);
    const lagMs = Math.max(0, ...stats.map(({ oldestMs }) => oldestMs));
    const asOf = new Date(this.clock.now().getTime() - lagMs).toISOString();
    return { generation: 1, position: Math.max(0, head - depth), head, asOf, lagMs };
  }

  private async shown(found: StageRebuild): Promise<Rebuild> {
    const { id, stage, expected, finishedAt, ...rest } = found;
    const left = finishedAt || expected === null ? 0 : await this.depth(stage);
    const share = expected === null ? 0 : 1 - left / Math.max(1, expected);
    return {
      ...rest,
      id,
      name: stage,
      generation: 1,
      state: finishedAt ? 'done' : 'running',
      progress: finishedAt ? 1 : Math.max(0, Math.min(0.99, share)),
      finishedAt,
    };
  }

  /** With what a consumer has in hand, which not every broker counts as waiting. */
  private async depth(name: StageName): Promise<number> {
    return sum(await this.stats(stages[name]), ({ depth, inFlight }) => depth + inFlight);
  }

  private stats(stage: PipelineStage): Promise<readonly ChannelStats[]> {
    return this.brokerOf(stage).stats(new Set([stage.group]));
  }

  private brokerOf({ source }: PipelineStage): Broker {
    return this.brokers.brokerFor(kindOfChannel(source) ?? 'event');
  }
}

const mixed =
  'its messages come in the order of sessions, so those of one customer would be late after one another';

const sum = <T>(all: readonly T[], of: (each: T) => number): number =>
  all.reduce((total, each) => total + of(each), 0);
