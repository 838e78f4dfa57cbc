import { Controller, Get, type INestApplication, Inject, Injectable } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Route } from '@waybill/http';
import { type ApiDocument, HttpDoor, Internal, openApiOf } from '@waybill/http';
import { SERVICE_OPTIONS, type ServiceOptions } from './service-options.ts';

/** What a service says about itself to a gateway in another process. */
@Injectable()
export class SelfDescription {
  private app: INestApplication | null = null;

  constructor(
    @Inject(SERVICE_OPTIONS) private readonly options: Pick<ServiceOptions, 'name'>,
    private readonly door: HttpDoor,
  ) {}

  get service(): string {
    return this.options.name;
  }

  /** Nest does not let a provider inject its application, and only that knows its document. */
  of(app: INestApplication): void {
    this.app = app;
  }

  routes(): readonly Route[] {
    return this.door.routes.all();
  }

  document(): ApiDocument {
    if (!this.app) throw new TypeError('the application was not started as a service');
    return openApiOf(this.app, 'Waybill');
  }
}

/** Tells a gateway which requests belong here, and how they look; a service token opens it. */
@ApiExcludeController()
@Internal()
@Controller('internal')
export class SelfDescriptionController {
  constructor(private readonly self: SelfDescription) {}

  @Get('routes')
  routes(): { readonly service: string; readonly routes: readonly Route[] } {
    return { service: this.self.service, routes: this.self.routes() };
  }

  @Get('api-document')
  document(): ApiDocument {
    return this.self.document();
  }
}
