import type { DynamicModule, Type } from '@nestjs/common';
import type { Contract, Message } from '@waybill/contracts';
import type { GrpcApi, RequestByGrpc } from '@waybill/grpc';
import type { SubmitOptions } from '@waybill/messaging';
import { STORED, type Stored } from '@waybill/persistence';
import type { DataSource } from 'typeorm';
import type { z } from 'zod';

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

/** What every service says of itself, to `ServiceModule.forRoot`. */
export interface ServiceOptions<C = unknown> {
  /** Also its group, its database and its label in logs and metrics. */
  readonly name: string;
  /** Reads the environment into the settings of the service. */
  readonly config: z.ZodType<C>;
  /** HTTP status by `code`, for errors that decisions throw: they become problems with the error's message. */
  readonly problems?: Readonly<Record<string, number>>;
  /** Where it listens as a process of its own, unless `PORT` says otherwise. */
  readonly port?: number;
  /** What it serves by gRPC as a process of its own, and at which port unless `GRPC_PORT` says otherwise. */
  readonly grpc?: { readonly api: GrpcApi; readonly port: number };
  /** The requests that it asks of others: a broker that carries none, and no gRPC in its place, end its start. */
  readonly asks?: readonly (Pick<Contract, 'type'> | RequestByGrpc)[];
  readonly seed?: (context: SeedContext) => Promise<void>;
  /** What the data of the service need that this release lacks: it does not work before the list is empty. */
  readonly lacks?: (dataSource: DataSource) => Promise<readonly string[]>;
  /**
   * What nobody asks for again when a broker has lost it, read from the data of the service: facts of some time in their
   * order, and what it has still to do. Replies and commands of a saga are none of it: the saga asks again.
   */
  readonly said?: (context: SaidContext) => AsyncIterable<Said>;
}

/** Injects the `ServiceOptions` of the service. */
export const SERVICE_OPTIONS = Symbol('waybill:service-options');

/** What the module of a service says of it and of what it stores. */
export type ServiceDeclaration = ServiceOptions & Stored;

/** The module of a service, with or without providers that replace some of its own. */
export type ServiceModuleClass = Type | (DynamicModule & { readonly module: Type });

/** Reads from the metadata of its module what a service is; for whoever prepares its database or checks its settings. */
export function declarationOf(service: ServiceModuleClass): ServiceDeclaration {
  const module = 'module' in service ? service.module : service;
  const imported: readonly { readonly providers?: readonly object[] }[] =
    Reflect.getMetadata('imports', module) ?? [];
  const values = imported
    .flatMap(({ providers = [] }) => providers)
    .filter((each): each is { provide: unknown; useValue: object } => 'useValue' in each);
  const [options, stored] = [SERVICE_OPTIONS, STORED].map(
    (token) => values.find(({ provide }) => provide === token)?.useValue,
  );
  if (!options || !stored)
    throw new TypeError(`${module.name} does not import ServiceModule and PersistenceModule`);
  return { ...(options as ServiceOptions), ...(stored as Stored) };
}
