import type { DynamicModule, Type } from '@nestjs/common';
import type { Contract, Message } from '@waybill/contracts';
import type { GrpcApi, RequestByGrpc } from '@waybill/grpc';
import type { SubmitOptions } from '@waybill/messaging';
import { type Retained, STORED, type Stored } from '@waybill/persistence';
import type { DataSource } from 'typeorm';
import type { z } from 'zod';

/** The context of a seed. A seed runs after every start of the service, so it must be safe to repeat. */
export interface SeedContext {
  readonly dataSource: DataSource;
  submit<A>(message: Message, options?: SubmitOptions): Promise<A>;
  /** A provider of the service. */
  get<T>(provider: Type<T>): T;
}

/** The context in which a service finds the messages that it published. */
export interface PublishedContext {
  readonly dataSource: DataSource;
  /** Nothing older is needed. */
  readonly since: Date;
}

/** A message that was published and is to be published again. */
export interface PublishedMessage {
  readonly message: Message;
  /**
   * The id of the message that caused it: with a `name` in its options it gets its original id, so consumers recognise
   * a duplicate. Null if its data make a repetition harmless: then it is the latest message of its key.
   */
  readonly causeId: string | null;
  readonly at: Date;
  readonly sequence: number | null;
}

/** The confidential request that returns the keys of a subject, each in Base64url; none if the subject is erased. */
export interface DataKeysRequest {
  readonly contract: Contract<{ subject: string }>;
  readonly answer: z.ZodType<{
    readonly keys: readonly { readonly version: number; readonly key: string }[];
  }>;
  /** The live message whose key is a subject whose keys were deleted: they are forgotten at once. */
  readonly deleted: Pick<Contract, 'type'>;
}

/** The options of a service, for `ServiceModule.forRoot`. */
export interface ServiceOptions<C = unknown> {
  /** Also the name of its group and its database, and its label in logs and metrics. */
  readonly name: string;
  /** Parses the environment into the settings of the service. */
  readonly config: z.ZodType<C>;
  /** HTTP status by `code`, for errors that decisions throw: they become problems with the error's message. */
  readonly problems?: Readonly<Record<string, number>>;
  /** The port as a process of its own, unless `PORT` is set. */
  readonly port?: number;
  /** The gRPC API as a process of its own, and its port unless `GRPC_PORT` is set. */
  readonly grpc?: { readonly api: GrpcApi; readonly port: number };
  /** The requests that it sends to others. Startup fails if a request has neither a broker that carries requests nor gRPC. */
  readonly calls?: readonly (Pick<Contract, 'type'> | RequestByGrpc)[];
  /** The request for the keys of encrypted fields, which is also one of `calls`: provides a `FieldCipher`. */
  readonly dataKeys?: DataKeysRequest;
  readonly seed?: (context: SeedContext) => Promise<void>;
  /** Tables of its own whose old rows are deleted. */
  retained?(config: C): readonly Retained[];
  /** What is wrong with its data, one sentence each; read again and again while it runs. */
  readonly invariants?: (dataSource: DataSource) => Promise<readonly string[]>;
  /** Features that the service's data need and this release lacks: the service does not work until the list is empty. */
  readonly lacks?: (dataSource: DataSource) => Promise<readonly string[]>;
  /**
   * Messages that nothing requests again after a broker lost them, read from the service's data: past facts in order,
   * and pending work. Without replies and commands of a saga, because the saga sends its commands again.
   */
  readonly published?: (context: PublishedContext) => AsyncIterable<PublishedMessage>;
}

/** Injects the `ServiceOptions` of the service. */
export const SERVICE_OPTIONS = Symbol('waybill:service-options');

/** The options of a service's module, with what the service stores. */
export type ServiceDeclaration = ServiceOptions & Stored;

/** The module of a service, with or without providers that replace some of its own. */
export type ServiceModuleClass = Type | (DynamicModule & { readonly module: Type });

/** Reads the declaration of a service from its module's metadata, for preparing its database or checking its settings. */
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
