import type { DynamicModule, Type } from '@nestjs/common';
import type { Contract, Message } from '@waybill/contracts';
import type { GrpcApi } from '@waybill/grpc';
import type { Journal, StateTable, SubmitOptions } from '@waybill/messaging';
import type { DataSource, MigrationInterface } from 'typeorm';
import type { z } from 'zod';

export type MigrationClass = new () => MigrationInterface;

/** What a seed may use. It runs after the service has started, each time, so it must be safe to repeat. */
export interface SeedContext {
  readonly dataSource: DataSource;
  submit<A>(message: Message, options?: SubmitOptions): Promise<A>;
}

/** What a service may look at to find what it said. */
export interface SaidContext {
  readonly dataSource: DataSource;
  /** Nothing older is asked for. */
  readonly since: Date;
}

/** A message that was sent once, and is to be sent again. */
export interface Said {
  readonly message: Message;
  /**
   * The id of the message that led to it: with a `name` in its options it gets the id that it had, so that who has heard it
   * knows it. Null where its data alone make it harmless: then it is of the latest message of its key.
   */
  readonly causeId: string | null;
  readonly at: Date;
  readonly sequence: number | null;
}

export interface ServiceOptions<C> {
  /** Also its group, its database and its label in logs and metrics. */
  readonly name: string;
  /** The Nest module, or a function that makes it from the settings. */
  readonly module: Type | ((config: C) => DynamicModule);
  /** Reads the environment into the settings of the service. */
  readonly config: z.ZodType<C>;
  /** Every state that its handlers declare. */
  // biome-ignore lint/suspicious/noExplicitAny: a table of any row type; `object` would refuse them all.
  readonly tables: readonly StateTable<any>[];
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly journals?: readonly Journal<any>[];
  // biome-ignore lint/complexity/noBannedTypes: what TypeORM calls an entity.
  readonly entities: readonly Function[];
  readonly migrations: readonly MigrationClass[];
  /** HTTP status by `code`, for errors that decisions throw: they become problems with the error's message. */
  readonly problems?: Readonly<Record<string, number>>;
  /** Where it listens as a process of its own, unless `PORT` says otherwise. */
  readonly port?: number;
  /** What it serves by gRPC as a process of its own, and at which port unless `GRPC_PORT` says otherwise. */
  readonly grpc?: { readonly api: GrpcApi; readonly port: number };
  /** The requests that it asks of others: a broker that carries none, and no gRPC in its place, end its start. */
  readonly asks?: readonly Pick<Contract, 'type'>[];
  readonly seed?: (context: SeedContext) => Promise<void>;
  /** What the data of the service need that this release lacks: it does not work before the list is empty. */
  readonly lacks?: (dataSource: DataSource) => Promise<readonly string[]>;
  /**
   * What nobody asks for again when a broker has lost it, read from the data of the service: facts of some time in their
   * order, and what it has still to do. Replies and commands of a saga are none of it: the saga asks again.
   */
  readonly said?: (context: SaidContext) => AsyncIterable<Said>;
}

/** A service as a value: everything that hosting it needs. */
export type ServiceDefinition<C = unknown> = Readonly<ServiceOptions<C>>;

/** Declares a service; nothing runs yet. */
export const defineService = <C>(options: ServiceOptions<C>): ServiceDefinition<C> =>
  Object.freeze({ ...options });
