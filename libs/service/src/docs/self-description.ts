import { Controller, Get, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Internal } from '../auth/caller.ts';
import type { Route } from '../http/route-table.ts';
import type { ApiDocument } from './open-api.ts';

/** Injects the `SelfDescription` of the service. */
export const SELF_DESCRIPTION = Symbol('waybill:self-description');

/** What a service says about itself to a gateway in another process. */
export interface SelfDescription {
  readonly service: string;
  routes(): readonly Route[];
  document(): ApiDocument;
}

/** Tells a gateway which requests belong here, and how they look; a service token opens it. */
@ApiExcludeController()
@Internal()
@Controller('internal')
export class SelfDescriptionController {
  constructor(@Inject(SELF_DESCRIPTION) private readonly self: SelfDescription) {}

  @Get('routes')
  routes(): { readonly service: string; readonly routes: readonly Route[] } {
    return { service: this.self.service, routes: this.self.routes() };
  }

  @Get('api-document')
  document(): ApiDocument {
    return this.self.document();
  }
}
