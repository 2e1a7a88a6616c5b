//! One directive: source, window, scope, what takes out of it, result.

use super::page::Page;
use super::{predicate, statement, words};
use crate::explain::step::{Step, Truth};
use crate::explain::trace::{Binding, Citation, Directive};

pub(super) fn write(page: &mut Page, directive: &Directive) {
    let lang = page.lang;
    page.heading(format!("{} {}: {}", lang.pick("Directive", "지시"), directive.id, directive.title));
    let from = format!(
        "{}, {}, {}",
        words::form(lang, directive.form),
        words::country(lang, directive.state),
        directive.issuer
    );
    page.field(0, ("issued by", "발신"), &from);
    page.field(0, ("issued at", "발신 시점"), &directive.issued_at.to_string());
    if let Some(reference) = &directive.public_reference {
        page.field(0, ("public reference", "공개 근거"), reference);
    }
    directive.authority.iter().for_each(|cited| citation(page, cited));
    if directive.scope_exceeds_citation {
        let flag = crate::verdict::Flag::AuthorityScopeExceedsCitation;
        page.field(0, ("warning", "주의 표시"), words::flag(lang, flag));
    }
    binding(page, &directive.binding);
    step(page, 0, &directive.reach);
    if directive.relief.parts.is_empty() {
        let none = lang.pick("No exception, stay or licence", "예외, 집행정지, 허가가 없습니다");
        page.judged(0, Truth::No, none.to_owned());
    } else {
        step(page, 0, &directive.relief);
    }
    result(page, directive);
}

fn citation(page: &mut Page, cited: &Citation) {
    let said = match (cited.citation, cited.title) {
        (Some(citation), Some(title)) => format!("{citation}, {title} ({})", cited.id),
        _ => cited.id.clone(),
    };
    page.field(0, ("cites", "인용 근거"), &said);
}

fn binding(page: &mut Page, binding: &Binding) {
    let lang = page.lang;
    let state = words::binding(lang, binding.state);
    page.judged(0, binding.truth, format!("{}: {state}", lang.pick("It binds", "효력이 있습니다")));
    match binding.fold {
        Some([first, second]) => {
            page.field(1, ("from", "시작"), &format!("{first} / {second}"));
        }
        None => page.field(1, ("from", "시작"), &binding.from.to_string()),
    }
    let until = binding
        .until
        .map_or_else(|| lang.pick("open", "정해지지 않음").to_owned(), |until| until.to_string());
    page.field(1, ("until (excluded)", "끝(그 시점은 제외)"), &until);
    if let Some(lifting) = &binding.lifted_by {
        page.field(1, ("lifted by", "해제한 문서"), lifting.as_str());
    }
    if binding.by_uncertainty {
        let (en, ko) = (
            "it binds because the clock may be wrong by so much",
            "시계 오차를 고려하여 효력이 있는 것으로 봅니다",
        );
        page.item(1, lang.pick(en, ko).to_owned());
    }
}

/// A step and what it is made of.
fn step(page: &mut Page, depth: usize, step: &Step) {
    let lang = page.lang;
    page.judged(depth, step.truth, predicate::line(lang, &step.asks));
    let deeper = depth.saturating_add(1);
    for on_file in &step.on_file {
        page.field(deeper, ("on file", "기록"), &statement::line(lang, on_file));
    }
    if let Some(level) = step.level_needed {
        page.field(deeper, ("level needed in favour", "유리한 사실의 요구 수준"), words::level(lang, level));
    }
    if step.parts.is_empty() {
        lacks(page, deeper, step);
    }
    step.parts.iter().for_each(|part| self::step(page, deeper, part));
}

fn lacks(page: &mut Page, depth: usize, step: &Step) {
    let lang = page.lang;
    if !step.missing.is_empty() {
        let facts = words::join_long(&step.missing, |fact| words::fact(lang, *fact).to_owned());
        page.field(depth, ("missing", "미확인 사실"), &facts);
    }
}

fn result(page: &mut Page, directive: &Directive) {
    let lang = page.lang;
    page.field(0, ("result", "결과"), words::side(lang, directive.result));
    match directive.settled {
        Some(Truth::Open) | None => {}
        Some(settled) => {
            let name = ("whatever the missing value is", "빠진 값이 무엇이든");
            page.field(1, name, words::side(lang, settled));
        }
    }
    if directive.decides {
        let (en, ko) = ("the verdict turns on this directive", "판정이 이 지시에 달려 있습니다");
        page.item(1, lang.pick(en, ko).to_owned());
    }
}
