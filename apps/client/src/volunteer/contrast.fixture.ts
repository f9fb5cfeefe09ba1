/** A volunteer of a contrastive run, with real views of the fixtures' pictures. */
import { twoViews } from '@murmur/core/augment/views';
import { simclrRecipe } from '@murmur/core/models/recipes';
import { bytePixels, unitPixels } from '@murmur/core/objectives/pixels';
import { key } from '@murmur/core/random/key';
import type { VolunteerView } from '@murmur/core/volunteer/view';
import { runFixture } from '../gallery/records.fixture.ts';
import { previewFixture, VOLUNTEER_FIXTURES } from './volunteer.fixture.ts';

const { side, channels, original } = previewFixture;
const { views: recipe, cropScale, colorStrength } = simclrRecipe;
const [one, two] = twoViews(
  unitPixels(original),
  { recipe, side, channels, cropScale, colorStrength },
  key(1),
);

export const CONTRAST_FIXTURE: VolunteerView = {
  ...VOLUNTEER_FIXTURES.training,
  run: { ...runFixture, objective: 'simclr' },
  preview: { ...previewFixture, masked: bytePixels(one), predicted: bytePixels(two) },
};
