// One office: does its folder agree with ours, and if not, what is missing and since when.
import { t, tn, tx } from "../i18n";
import { bytes, count, duration, Level, moment, Path, When } from "../parts/words";
import type { Health, Status } from "../types";

export function ReplicaCard({ health, status, now }: { health: Health; status: Status; now: number }) {
  return (
    <article class={`card ${health.level}`} aria-label={health.name}>
      <header>
        <h3>{health.name}</h3>
        {health.self && <span class="tag">{t("card.here")}</span>}
      </header>
      <p class="state"><Level level={health.level}>{stateOf(health, status)}</Level></p>
      {health.problem && <p class="problem">{health.problem}</p>}
      {health.oldest_waiting && <Oldest waiting={health.oldest_waiting} now={now} />}
      <dl>
        {health.self ? <SelfFacts status={status} /> : <PeerFacts health={health} now={now} />}
      </dl>
    </article>
  );
}

function stateOf(health: Health, status: Status): string {
  if (health.self && !["idle", "syncing"].includes(status.state)) return tx("agent.state", status.state);
  if (!health.self && !health.connected) {
    if (!health.last_seen) return t("card.never");
    return t("card.silent", { time: moment(health.last_seen), duration: duration(health.silent_s) });
  }
  if (health.behind.files > 0) {
    return tn("card.behind", health.behind.files, { bytes: bytes(health.behind.bytes) });
  }
  if (health.in_sync) return t("card.agrees");
  return health.self ? t("card.working") : t("card.ahead");
}

function Oldest({ waiting, now }: { waiting: NonNullable<Health["oldest_waiting"]>; now: number }) {
  return (
    <div class="oldest">
      <p class="label">{t("card.oldest")}{waiting.since && <>, <When time={waiting.since} now={now} /></>}</p>
      {waiting.path && <Path path={waiting.path} />}
      <p class="why">{waiting.why}</p>
    </div>
  );
}

function SelfFacts({ status }: { status: Status }) {
  return (
    <>
      <Fact name={t("card.files")}>{count(status.files)}</Fact>
      <Fact name={t("card.size")}>{bytes(status.bytes)}</Fact>
      <Fact name={t("card.folder")}><bdi class="break">{status.replica.root}</bdi></Fact>
      {status.last_error && <Fact name={t("card.error")}>{status.last_error}</Fact>}
    </>
  );
}

function PeerFacts({ health, now }: { health: Health; now: number }) {
  return (
    <>
      <Fact name={t("card.agreement")}>
        {health.last_agreement ? <When time={health.last_agreement} now={now} /> : t("card.none")}
      </Fact>
      <Fact name={t("card.speed")}>
        {t("card.speed.value", { receive: bytes(health.receive_bytes_per_s), send: bytes(health.send_bytes_per_s) })}
      </Fact>
      <Fact name={t("card.delay")}>
        {health.round_trip_ms === null ? "–" : `${count(health.round_trip_ms, health.round_trip_ms < 10 ? 1 : 0)} ms`}
      </Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}
