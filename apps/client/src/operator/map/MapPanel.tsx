import type { ScoreRecord } from '@murmur/core/protocol/operator';
import { useMemo, useState } from 'preact/hooks';
import { formatCount } from '../../views/format.ts';
import { Slider } from '../../views/Slider.tsx';
import { MapCanvas } from './MapCanvas.tsx';
import { positionsAt, type LoadedMap, type MapMethod, type MapView } from './mapFrames.ts';
import { mapDescription, METHOD_MEANING, versionMeaning, versionWords } from './mapWords.ts';
import { MethodSwitch } from './MethodSwitch.tsx';
import { useMapClock, type MapTime } from './useMapClock.ts';

interface TimeProps {
  readonly map: LoadedMap;
  readonly time: MapTime;
  readonly scores: readonly ScoreRecord[];
}

/** The slider over the versions, and the button that runs through them. */
function TimeControls({ map, time, scores }: TimeProps) {
  const { frames } = map;
  const { chosen, playhead } = time.clock;
  const frame = frames[chosen];
  const playing = playhead !== undefined;
  const single = frames.length < 2;
  return (
    <div class="mapTime">
      <Slider
        id="mapVersion"
        label="Version"
        {...{ min: 0, max: frames.length - 1, step: 1, value: chosen }}
        words={frame === undefined ? '' : versionWords(frame)}
        meaning={versionMeaning(map, chosen, scores)}
        onInput={time.choose}
      />
      <button
        aria-disabled={single}
        title={single ? 'There is one version so far.' : undefined}
        onClick={() => !single && time.togglePlay()}
      >
        {playing ? 'Stop' : 'Play'}
      </button>
    </div>
  );
}

function ShownMap({ map, scores }: { map: LoadedMap; scores: readonly ScoreRecord[] }) {
  const [method, setMethod] = useState<MapMethod>('umap');
  const time = useMapClock(map.frames.length);
  const { at, chosen } = time.clock;
  const positions = useMemo(() => positionsAt(map.frames, method, at), [map, method, at]);
  const frame = map.frames[chosen] ?? map.frames[0];
  if (frame === undefined) return null;
  return (
    <div class="mapBody">
      <MapCanvas
        sprites={map.sprites}
        positions={positions}
        description={mapDescription(map, frame, method)}
      />
      <div class="mapSide">
        <MethodSwitch chosen={method} onChoose={setMethod} />
        <p class="mapMeaning">{METHOD_MEANING[method]}</p>
        <TimeControls map={map} time={time} scores={scores} />
        <p class="note">
          {formatCount(map.sprites.count)} pictures that nobody trains on. Point at one, or tap it, to see it
          large.
        </p>
      </div>
    </div>
  );
}

/** Where pictures lie for the encoder, version by version. */
export function MapPanel({ view, scores }: { view: MapView; scores: readonly ScoreRecord[] }) {
  return (
    <section class="panel map">
      <h2>What the encoder sees alike</h2>
      {view.kind === 'shown' ? (
        <>
          {view.trouble !== undefined && <p class="banner warning">{view.trouble}</p>}
          <ShownMap map={view.map} scores={scores} />
        </>
      ) : view.kind === 'failed' ? (
        <p class="banner error">{view.sentence}</p>
      ) : (
        <p class="empty">{view.sentence}</p>
      )}
    </section>
  );
}
