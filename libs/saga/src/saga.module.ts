import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import type { Contract } from '@waybill/message';
import {
  type Clock,
  type DeadLetterHook,
  Handles,
  Submitter,
  systemClock,
} from '@waybill/messaging';
import { DataSource } from 'typeorm';
import { type FailedStep, reportsTo } from './failed-steps.ts';
import { type AnySaga, SagaRegistry } from './saga-registry.ts';
import { SagaRunner } from './saga-runner.ts';
import { SagaTimers } from './saga-timers.ts';
import { SagaRepository } from './storage/saga.repository.ts';

export interface SagaSettings {
  /** How long a step without a `within` waits for its reply after the broker's confirm, in milliseconds; default 15 minutes. */
  readonly replyTimeout?: number;
  readonly clock?: Clock;
  /** Called with each failure that is retried. */
  readonly onTrouble?: (error: unknown, what: string) => void;
}

const SETTINGS = Symbol('saga settings');

/** Reports dead-lettered commands to their sagas. */
class FailedSteps {
  constructor(private readonly hook: DeadLetterHook) {}

  @Handles()
  report(): DeadLetterHook {
    return this.hook;
  }
}

/** Runs sagas, or reports dead-lettered commands to them. */
@Module({})
export class SagaModule {
  /**
   * For the service that owns the sagas: subscribes each to every message that its definition names, and starts its timers with
   * the application. Keep old versions in the list while rows name them.
   */
  static forFeature(
    sagas: readonly AnySaga[],
    settings: Omit<FactoryProvider<SagaSettings>, 'provide'> = { useFactory: () => ({}) },
  ): DynamicModule {
    return {
      module: SagaModule,
      providers: [
        { provide: SagaRegistry, useFactory: () => new SagaRegistry(sagas) },
        { ...settings, provide: SETTINGS },
        {
          provide: SagaRepository,
          inject: [DataSource],
          useFactory: (dataSource: DataSource) => new SagaRepository(dataSource),
        },
        {
          provide: SagaRunner,
          inject: [SagaRegistry, SETTINGS],
          useFactory: (registry: SagaRegistry, given: SagaSettings) =>
            new SagaRunner(registry, given),
        },
        {
          provide: SagaTimers,
          inject: [SagaRepository, SagaRegistry, Submitter, SETTINGS],
          useFactory: (
            repository: SagaRepository,
            registry: SagaRegistry,
            submitter: Submitter,
            { clock = systemClock, onTrouble = () => undefined }: SagaSettings,
          ) => new SagaTimers({ sagas: repository, registry, submitter, clock, onTrouble }),
        },
      ],
      exports: [SagaRegistry, SagaRepository, SagaRunner],
    };
  }

  /**
   * For a service that carries out steps: when a command becomes a dead letter here, its saga receives `stepFailed` in the
   * same commit. `key` is the property of that reply that carries the key of the saga.
   */
  static forParticipant<D extends FailedStep>(
    stepFailed: Contract<D>,
    key: Exclude<keyof D, keyof FailedStep> & string,
  ): DynamicModule {
    const useFactory = () => new FailedSteps(reportsTo(stepFailed, key));
    return { module: SagaModule, providers: [{ provide: FailedSteps, useFactory }] };
  }
}
