import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { text } from '@waybill/contracts';
import { AnswersAs, MayAnswer, Problem, Refuses, Tokenless } from '@waybill/http';
import { findPicture } from '../images/pictures.ts';
import { isKnown } from './entity-tags.ts';

/** The methods needed to set the head of a response. */
interface Answer {
  status(code: number): unknown;
  header(name: string, value: string): unknown;
}

const imageKey = text(1, 100);

/** The pictures of the catalogue. They are drawn in code, so that they exist without internet access. */
@ApiTags('Catalogue')
@Controller('images')
export class ImagesController {
  @Tokenless()
  @Get(':key')
  @ApiOperation({ summary: 'A picture of the catalogue, as `imageUrl` of a product names it' })
  @AnswersAs('image/svg+xml', 'The picture')
  @MayAnswer(304, null, 'Still the one that If-None-Match names')
  @Refuses(404, 'unknown_image')
  read(
    @Param('key', { schema: imageKey }) key: string,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) answer: Answer,
  ): string | undefined {
    const picture = findPicture(key);
    if (!picture) throw new Problem(404, 'unknown_image', 'there is no such picture');
    answer.header('etag', picture.etag);
    answer.header('cache-control', 'public, max-age=86400');
    // Other sites may embed the shop's pictures.
    answer.header('cross-origin-resource-policy', 'cross-origin');
    if (isKnown(known, picture.etag)) {
      answer.status(304);
      return undefined;
    }
    answer.header('content-type', 'image/svg+xml; charset=utf-8');
    return picture.svg;
  }
}
