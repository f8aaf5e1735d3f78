/** The panel's style sheet. Its colours are the custom properties that widget.js sets on the host element. */

const CONTROLS = `
button,input,select,textarea{font:inherit;color:inherit;letter-spacing:inherit;word-spacing:inherit}
button{cursor:pointer}
button[aria-disabled=true]{cursor:default}
.panel :focus-visible{outline:3px solid var(--primary);outline-offset:2px}
.panel svg{width:1.25em;height:1.25em;flex:none;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.panel a{padding-block:.3em;color:var(--primary);text-underline-offset:.15em}
.panel h2,.panel h3,.panel p,.panel ul,.panel ol{margin:0;padding:0}
.panel h3{font-size:1.25em;line-height:1.3}
.note{font-size:.875em;color:var(--text-subdued)}
.error{color:var(--error);font-weight:700}
.error:empty{display:none}
.error a{color:inherit}
.primary,.secondary,.pill{min-height:44px;padding:.5em 1em;border-radius:4px;border:1px solid var(--primary);font-weight:700}
.primary{color:var(--on-primary);background:var(--primary)}
.secondary,.pill{color:var(--primary);background:var(--surface)}
.primary:hover{text-decoration:underline;text-underline-offset:.2em}
.secondary:hover,.pill:hover{background:var(--tint)}
.secondary:active,.pill:active{background:var(--pressed)}
.pill{display:inline-flex;align-items:center;gap:.375em;border-radius:64px;font-weight:400;text-align:start}
.pill.used{background:var(--tint);border-color:var(--tint);color:var(--text)}
.verdict.done .pill:not(.used){border-color:transparent;background:none;color:var(--text-subdued)}
.quiet{display:inline-flex;align-items:center;gap:.375em;min-height:44px;padding:.25em .75em;border:1px solid transparent;border-radius:4px;
  background:none;color:var(--primary);font-size:.9375em;text-decoration:underline;text-underline-offset:.2em}
.quiet:hover{background:var(--tint)}`;

const FRAME = `
.panel{position:fixed;z-index:var(--guichet-z-index,1000);right:var(--guichet-x,1.5rem);bottom:calc(var(--guichet-y,1.5rem) + 4.25em);
  display:flex;flex-direction:column;width:26.5em;max-width:calc(100vw - 2em);height:min(44em,100dvh - var(--guichet-y,1.5rem) - 5.25em);
  overflow:hidden auto;background:var(--background);border:1px solid var(--tint);border-radius:var(--radius);box-shadow:0 4px 24px rgb(7 39 92/.24)}
.header{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;align-items:center;gap:.25em;padding:.375em .375em .375em 1em;background:var(--primary-strong);color:#fff}
.header>div{flex:1 1 7em}
.header p{font-size:.8125em;line-height:1.3}
.panel h2{font-size:1.125em;line-height:1.25}
.header .quiet{color:#fff}
.header .quiet:hover{background:rgb(255 255 255/.16)}
.header :focus-visible{outline-color:#fff;outline-offset:-3px}
.close{min-width:44px;margin-inline-start:auto;padding:0;justify-content:center}
.bar{display:flex;flex-wrap:wrap;background:var(--tint)}
.bar>.quiet{flex:1 0 auto;padding-inline:1.067em .75em;color:var(--text);text-decoration:none}
.bar>.quiet:hover,.bar>[aria-expanded=true]{background:var(--pressed)}
.bar>.quiet:focus-visible{outline-offset:-3px}
.bar>.quiet svg{margin-inline-start:auto}
.bar [aria-expanded=true] svg{transform:rotate(180deg)}
.bar ul{order:1;flex:1 0 100%;list-style:none;padding:.25em 1em .75em;border-top:1px solid var(--pressed)}
.bar a{display:inline-flex;align-items:center;min-height:44px;font-weight:700}
.bar li .quiet{padding-inline:0;font-size:1em;font-weight:700}
.bar li .note{margin-top:-.5em}
.scroller{position:relative;flex:1;min-height:6em;overflow-y:auto;overscroll-behavior:contain;padding:1em}
.scroller:focus-visible{outline-offset:-3px}
.connection{background:var(--error-tint);border-inline-start:4px solid var(--error)}
.connection p:not(:empty){padding:.625em 1em}
.connection div{display:flex;flex-wrap:wrap;gap:.25em;padding:0 1em .625em}
[data-connection=back]>.connection{color:var(--success);background:var(--success-tint);border-color:var(--success)}
.not-sent{display:none}
[data-connection=lost] .not-sent{display:block}
.composer{padding:.75em 1em;background:var(--surface);border-top:1px solid var(--pressed)}
.composer .error{margin-bottom:.5em;padding:.5em .75em;font-weight:400;background:var(--error-tint);border-left:4px solid var(--error);border-radius:4px}
.composer .secondary{margin-bottom:.5em}
.entry{display:flex;gap:.5em;align-items:flex-end}
.panel textarea,.panel input:not([type=checkbox]),.panel select{width:100%;min-width:0;min-height:44px;padding:.5em .75em;
  background:var(--surface);color:var(--text);border:1px solid var(--line);border-radius:4px}
.panel textarea{display:block;resize:vertical;overflow-wrap:anywhere}
.panel .entry textarea{max-height:8.5em;resize:none}
.panel ::placeholder{color:var(--text-subdued);opacity:1}
#disclosure{margin-top:.5em;font-size:.8125em;line-height:1.35}`;

const LOG = `
.scroller ol{list-style:none;display:flex;flex-direction:column;gap:1em}
.message{display:flex;flex-direction:column;align-items:flex-start;max-width:100%}
.message>.body{display:flex;flex-direction:column;align-items:flex-start;gap:.75em;max-width:100%;padding:.75em 1em;overflow-wrap:anywhere;
  background:var(--surface);border:1px solid var(--tint);border-radius:var(--radius)}
.message.bot>.body{width:100%;border-left:4px solid var(--primary)}
.message.notice>.body{border-left-color:var(--line)}
.message.user{align-items:flex-end;padding-inline-start:2.5em}
.message.user>.body{background:var(--tint);border-color:transparent;border-bottom-right-radius:2px}
.said{white-space:pre-wrap}
.message time{font-size:.8125em;color:var(--text-subdued)}
.foot{display:flex;align-items:center;min-height:1.75em;padding-inline:.25em}
.intro{margin-bottom:1em!important}
.message .note time{font-size:inherit}
.body>ul:not([class]){padding-inline-start:1.25em}
.body>ul:not([class])>li+li{margin-top:.25em}
.links,.choices{list-style:none;align-self:stretch}
.links{display:flex;flex-direction:column;gap:.5em}
.choices{display:flex;flex-wrap:wrap;gap:.5em}
.service{display:flex;align-items:center;gap:.625em;min-height:44px;padding:.5em .75em;background:var(--background);
  border:1px solid var(--primary);border-radius:4px;font-weight:700}
.service:hover{background:var(--tint)}
.links .note{margin-top:.125em;padding-inline-start:.25em}
.verdict{align-self:stretch;padding-top:.75em;border-top:1px solid var(--pressed)}
.verdict>div{display:flex;flex-wrap:wrap;gap:.5em;margin-top:.5em}
.verdict .pill{min-width:4.5em;justify-content:center}
details{align-self:stretch;font-size:.9375em}
summary{display:list-item;padding-block:.75em;color:var(--text-subdued);cursor:pointer}
details .note{margin-top:.5em}
.message.emergency>.body{background:var(--error-tint);border:1px solid var(--error);border-left:8px solid var(--error)}
.panel .emergency a:not([target]){display:inline-flex;align-items:center;min-height:2.2em;min-width:2.2em;padding-inline:.6em;margin-block:.1em;border-radius:4px;
  font-size:1.25em;font-weight:700;color:var(--surface);background:var(--error);border:1px solid transparent}
.message.handoff_done>.body{background:var(--success-tint);border-color:var(--success)}
.status{color:var(--text-subdued);font-size:.9375em}
.status:not(:empty){margin-top:1em}
.status.typing::before{content:"";display:inline-block;width:.625em;height:.625em;margin-inline-end:.625em;border-radius:50%;background:var(--primary)}
@media (prefers-reduced-motion:no-preference){.status.typing::before{animation:pulse 1.2s ease-in-out infinite}
  @keyframes pulse{50%{opacity:.25;transform:scale(.7)}}}`;

const FORM = `
.form{display:flex;flex-direction:column;align-items:flex-start;gap:1em}
.form .back{margin:-.5em 0 -.5em -.75em}
.form h3:focus{outline:none}
.field{align-self:stretch}
.field>label:not(.box){font-weight:700}
.field>.note{margin-bottom:.25em}
.panel [aria-invalid=true]{border:2px solid var(--error)!important}
.field>.error{margin-top:.25em;font-size:.9375em}
.box{display:flex;gap:.75em;min-height:44px;padding-block:.5em;cursor:pointer}
.box input{width:1.5em;height:1.5em;margin:0;flex:none;accent-color:var(--primary)}
.emergency:empty{display:none}
dialog{width:26em;max-width:calc(100vw - 2em);padding:1.5em;color:var(--text);background:var(--surface);border:1px solid var(--line);border-radius:var(--radius)}
dialog::backdrop{background:rgb(7 20 46/.6)}
dialog>*+*{margin-top:1em!important}
.actions{display:flex;flex-direction:column;gap:.5em}`;

const ADAPT = `
@media (max-height:38em){.panel{right:0;top:0;bottom:0;height:var(--height,100dvh);border-radius:0}}
@media (max-width:30em){.panel{inset:0;width:100%;max-width:none;height:var(--height,100dvh);border:0;border-radius:0}
  .bar>.quiet{padding-inline:.75rem .375rem;font-size:.875em}.header{padding-inline-start:.75em}.scroller,.composer{padding-inline:.75em}}
@media (max-height:28em){.panel{display:block}.scroller{overflow:visible}}
@media (forced-colors:active){.panel,.message>.body,.pill,.service{border-color:CanvasText}.header{border-bottom:1px solid}
  .pill.used{border-style:dashed}.status.typing::before{background:CanvasText;forced-color-adjust:none}}`;

export const CSS = CONTROLS + FRAME + LOG + FORM + ADAPT;
