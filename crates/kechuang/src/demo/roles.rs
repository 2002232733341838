//! Roles: whom a visitor of the demo region can become without a password.

use grammar::kinds::Id;
use registry::{FOREVER, Registry};
use serde_json::{Value, json};

use super::{
    houses::{House, Town},
    texts::both,
};

const SPACE: &str = "demo-role";

/// A role: the sign is one Chinese character that stands for it.
struct Role {
    person: Id,
    sign: &'static str,
    part: [&'static str; 2],
    does: [&'static str; 2],
}

fn roles(town: &Town, provider: &House) -> Result<Vec<Role>, String> {
    let o = &town.officers;
    let firm = town.firms.first().ok_or("no firm")?;
    let returned = town.firms.get(26).ok_or("too few firms")?;
    let university = town.universities.first().ok_or("no university")?;
    let role = |person, sign, part, does| Role { person, sign, part, does };
    Ok(vec![
        role(
            firm.signer,
            "企",
            ["企业代表", "Representative of a firm"],
            [
                "提出并签署需求，使用创新券，查看匹配到的成果",
                "Brings and signs needs, uses vouchers, sees what matches",
            ],
        ),
        role(
            returned.signer,
            "需",
            ["需求被退回的企业", "A firm whose need came back"],
            ["按意见补充指标后再次提交", "Adds indicators as asked and submits again"],
        ),
        role(
            o.id("screening-310000")?,
            "筛",
            ["上海需求筛选人员", "Screening officer, Shanghai"],
            [
                "核实本地企业需求，推荐或退回",
                "Checks needs of the region's firms, recommends or returns them",
            ],
        ),
        role(
            o.id("screening-320000")?,
            "荐",
            ["江苏需求筛选人员", "Screening officer, Jiangsu"],
            ["有一项需求等待筛选", "One need waits to be screened"],
        ),
        role(
            o.id("joint-2")?,
            "联",
            ["联合办公室", "Joint office"],
            [
                "凝练、确认、发布需求并征集方案",
                "Condenses, confirms and publishes needs and calls for solutions",
            ],
        ),
        role(
            university.signer,
            "学",
            ["大学成果管理", "Research office of a university"],
            ["登记和发布科技成果", "Enters and publishes achievements"],
        ),
        role(
            provider.signer,
            "研",
            ["实验室依托单位", "Lead unit of a laboratory"],
            ["报送仪器、设定共享条件、提供服务", "Reports instruments, sets sharing terms, offers services"],
        ),
        role(
            o.id("transfer-310000")?,
            "介",
            ["技术经理人", "Technology broker"],
            ["为成果和需求牵线，代为整理成果信息", "Brings achievements and needs together"],
        ),
        role(
            o.id("voucher-2")?,
            "券",
            ["创新券管理人员", "Voucher officer"],
            ["有一笔创新券支付等待第二人确认", "One voucher payment waits for the second pair of eyes"],
        ),
        role(
            o.id("treasurer-2")?,
            "财",
            ["资金管理员", "Treasurer"],
            ["查看资金账户，确认或退回冲正申请", "Sees the funds and decides on a reversal"],
        ),
        role(
            o.id("rules-2")?,
            "规",
            ["规则管理员", "Rule maker"],
            ["有一项规则调整等待第二人通过", "One change of a rule waits for the second pair of eyes"],
        ),
        role(
            o.id("notice-1")?,
            "公",
            ["公示管理员", "Notice officer"],
            ["有一条异议等待答复", "One objection waits for an answer"],
        ),
        role(
            o.id("registrar-2")?,
            "登",
            ["登记员", "Registrar"],
            ["登记单位和人员，确认合并申请", "Registers organisations and persons, decides on a merger"],
        ),
        role(
            o.id("admin-2")?,
            "管",
            ["系统管理员", "System administrator"],
            [
                "任命人员，有一项任命等待第二人确认",
                "Appoints officers; one appointment waits for the second pair of eyes",
            ],
        ),
        role(
            o.id("auditor-1")?,
            "审",
            ["审计员", "Auditor"],
            ["查看全部资金、日志和证明", "Sees all funds, the log and the proofs"],
        ),
        role(town.citizen, "民", ["市民", "Citizen"], ["查看公示并提出异议", "Reads notices and objects"]),
    ])
}

/// Keeps the roles for the page of the demo region. Writes only what is not kept yet. Gives their number.
///
/// # Errors
/// When the store cannot be read or written.
pub fn keep(registry: &Registry, town: &Town, provider: &House) -> Result<usize, String> {
    let look = registry.look(None).map_err(|broken| broken.to_string())?;
    let roles = roles(town, provider)?;
    for (role, n) in roles.iter().zip(1..) {
        let (zh, en) = look.title(role.person).ok_or("a role without a public name")?;
        let value = json!({
            "person": role.person, "sign": role.sign, "name": both(&zh, &en),
            "part": both(role.part[0], role.part[1]), "does": both(role.does[0], role.does[1]),
        });
        let key = format!("{n:02}");
        let kept: Option<Value> = registry.kept(SPACE, &key).map_err(|broken| broken.to_string())?;
        if kept.as_ref() != Some(&value) {
            registry.keep(SPACE, &key, &value, FOREVER).map_err(|broken| broken.to_string())?;
        }
    }
    Ok(roles.len())
}
