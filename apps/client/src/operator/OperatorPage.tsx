import { Mark } from '../views/Birds.tsx';
import type { OperatorCommand } from '@murmur/core/protocol/operator';
import { BanPanel } from './BanPanel.tsx';
import { coordinatorNow, type ConsoleState } from './console.ts';
import { FigureTiles } from './FigureTiles.tsx';
import { JoinCard } from './JoinCard.tsx';
import { LossPanel } from './LossPanel.tsx';
import type { MapView } from './map/mapFrames.ts';
import { MapPanel } from './map/MapPanel.tsx';
import { Notices } from './Notices.tsx';
import { RoundLog } from './RoundLog.tsx';
import { runBlocked } from './runControls.ts';
import { RunHeader } from './RunHeader.tsx';
import { RunPanel } from './RunPanel.tsx';
import { ScorePanel } from './ScorePanel.tsx';
import { TokenForm } from './TokenForm.tsx';
import { TrafficPanel } from './TrafficPanel.tsx';
import { VolunteerTable } from './VolunteerTable.tsx';

export interface OperatorPageProps {
  /** Undefined while no token is known. */
  readonly state: ConsoleState | undefined;
  /** This page's clock, for ages and deadlines. */
  readonly nowMs: number;
  /** Address of the QR picture, once it is there. */
  readonly joinCode: string | undefined;
  readonly map: MapView;
  readonly onToken: (token: string) => void;
  readonly onCommand: (command: OperatorCommand) => void;
  readonly onCopy: (text: string) => Promise<boolean>;
}

function Connecting() {
  return (
    <div class="page narrow">
      <header class="pageHeader">
        <Mark />
        <span class="brand">Murmur</span>
        <span class="runName">operator</span>
      </header>
      <main class="panel" role="status">
        <h1>Connecting</h1>
        <p class="lead">
          Waiting for the coordinator. If this lasts, check in the terminal that it is running.
        </p>
      </main>
    </div>
  );
}

/** The operator page: a view of the console's state, every wish handed upwards. */
export function OperatorPage(props: OperatorPageProps) {
  const { state, nowMs, joinCode, map, onToken, onCommand, onCopy } = props;
  if (state === undefined || state.link === 'refused')
    return <TokenForm refusal={state?.problem} onToken={onToken} />;
  const { snapshot } = state;
  if (snapshot === undefined) return <Connecting />;
  const coordinatorMs = coordinatorNow(state, nowMs);
  return (
    <div class="page">
      <RunHeader state={state} snapshot={snapshot} onCommand={(type) => onCommand({ type })} />
      <main>
        <Notices state={state} nowMs={nowMs} coordinatorMs={coordinatorMs} />
        <div class="top">
          <RunPanel snapshot={snapshot} nowMs={coordinatorMs} />
          <FigureTiles snapshot={snapshot} />
          <JoinCard urls={snapshot.joinUrls} code={joinCode} onCopy={onCopy} />
        </div>
        <div class="columns">
          <LossPanel rounds={snapshot.rounds} />
          <TrafficPanel rounds={snapshot.rounds} />
        </div>
        <ScorePanel scores={snapshot.scores} noScores={snapshot.noScores} />
        <MapPanel view={map} scores={snapshot.scores} />
        <VolunteerTable volunteers={snapshot.volunteers} />
        <BanPanel
          bans={snapshot.bans}
          blocked={runBlocked(state)}
          onPardon={(peer) => onCommand({ type: 'pardon', peer })}
        />
        <RoundLog rounds={snapshot.rounds} />
      </main>
    </div>
  );
}
