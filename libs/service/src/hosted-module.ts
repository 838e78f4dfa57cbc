import {
  type DynamicModule,
  type FactoryProvider,
  Module,
  type ValueProvider,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';

@Module({})
class ServiceModule {}

@Module({})
class HostModule {}

/** The root module of a service: its own, and a global one that gives every module what the host provides. */
export function hostedModule(
  module: NonNullable<DynamicModule['imports']>[number],
  providers: readonly (ValueProvider | FactoryProvider)[],
  controllers: DynamicModule['controllers'] = [],
): DynamicModule {
  const host: DynamicModule = {
    module: HostModule,
    global: true,
    providers: [...providers],
    exports: providers.map(({ provide }) => provide),
    controllers,
  };
  return { module: ServiceModule, imports: [DiscoveryModule, host, module] };
}
