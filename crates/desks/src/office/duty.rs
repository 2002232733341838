//! Duty: the offices there are. Desks name them in `who` by the same words.

use grammar::prelude::*;

/// What an office is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Duty {
    Registrar,
    Treasurer,
    VoucherOffice,
    /// The provincial science authorities' office that screens needs.
    Screening,
    /// The joint office of the three provinces and Shanghai.
    JointOffice,
    Publisher,
    RuleMaker,
    Auditor,
    PrivacyOfficer,
    InstrumentOffice,
    LaboratoryOffice,
    NoticeOffice,
    DrawOffice,
    /// A technology transfer office of an institution or a region.
    TransferOffice,
    /// Manages calls: publishes guides, checks applications, signs and pays projects.
    ProgrammeOffice,
    /// Keeps the pool of experts.
    ExpertOffice,
    /// Organises reviews: draws and assigns experts, and alone knows who reviews what.
    PanelOffice,
    /// Keeps the records of research integrity.
    IntegrityOffice,
    /// Settles with the other regions.
    ClearingOffice,
    /// The secretariat of the strategic advisory committee.
    AdvisoryOffice,
    SystemAdmin,
    SecurityAdmin,
}

impl Duty {
    /// Chinese and English, for titles; a test compares them with the words.
    #[must_use]
    pub fn names(self) -> [&'static str; 2] {
        match self {
            Self::Registrar => ["登记员", "Registrar"],
            Self::Treasurer => ["资金管理员", "Treasurer"],
            Self::VoucherOffice => ["创新券管理机构", "Voucher office"],
            Self::Screening => ["省级科技管理部门需求筛选", "Screening office"],
            Self::JointOffice => ["三省一市联合办公室", "Joint office"],
            Self::Publisher => ["信息发布员", "Publisher"],
            Self::RuleMaker => ["规则管理员", "Rule maker"],
            Self::Auditor => ["审计员", "Auditor"],
            Self::PrivacyOfficer => ["个人信息保护负责人", "Privacy officer"],
            Self::InstrumentOffice => ["仪器共享管理机构", "Instrument office"],
            Self::LaboratoryOffice => ["实验室管理机构", "Laboratory office"],
            Self::NoticeOffice => ["公示管理员", "Notice office"],
            Self::DrawOffice => ["抽签管理员", "Draw office"],
            Self::TransferOffice => ["成果转化管理机构", "Transfer office"],
            Self::ProgrammeOffice => ["项目管理机构", "Programme office"],
            Self::ExpertOffice => ["专家库管理机构", "Expert office"],
            Self::PanelOffice => ["评审组织机构", "Panel office"],
            Self::IntegrityOffice => ["科研诚信管理机构", "Integrity office"],
            Self::ClearingOffice => ["跨区域结算机构", "Clearing office"],
            Self::AdvisoryOffice => ["战略咨询委员会秘书处", "Advisory office"],
            Self::SystemAdmin => ["系统管理员", "System administrator"],
            Self::SecurityAdmin => ["安全管理员", "Security administrator"],
        }
    }
}
