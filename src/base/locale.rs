//! Languages by Windows locale identifier (LCID), and which text to show when several exist.

/// A Windows locale identifier, such as 1033 for English (United States).
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Lcid(pub u32);

impl Lcid {
    /// English (United States), the language of last resort.
    pub const ENGLISH_US: Self = Self(1033);
    /// The invariant locale; like 0 it asks for no language in particular.
    pub const INVARIANT: Self = Self(127);

    /// True for the values that ask for no language in particular: 0, invariant, user and system default.
    #[must_use]
    pub fn is_neutral(self) -> bool {
        matches!(self.0, 0 | 127 | 0x400 | 0x800)
    }

    /// The primary language.
    #[must_use]
    pub fn primary(self) -> u32 {
        self.0 & 0x3FF
    }

    /// The locale of a POSIX name (`de_AT.UTF-8`), as far as its language is known here.
    #[must_use]
    pub fn from_posix(name: &str) -> Option<Self> {
        let tag = name.split(['.', '@']).next()?.replace('-', "_").to_ascii_lowercase();
        let language = tag.split('_').next()?;
        TAGS.iter()
            .find(|(known, _)| *known == tag)
            .or_else(|| TAGS.iter().find(|(known, _)| *known == language))
            .map(|(_, lcid)| Self(*lcid))
    }
}

/// Locales with a POSIX name; a bare language stands for its usual country. Values from [MS-LCID] section 2.2.
const TAGS: &[(&str, u32)] = &[
    ("ar", 1025),
    ("bg", 1026),
    ("ca", 1027),
    ("zh_tw", 1028),
    ("zh_hk", 3076),
    ("zh", 2052),
    ("cs", 1029),
    ("da", 1030),
    ("de", 1031),
    ("de_at", 3079),
    ("de_ch", 2055),
    ("el", 1032),
    ("en", 1033),
    ("en_gb", 2057),
    ("en_au", 3081),
    ("en_ca", 4105),
    ("es", 3082),
    ("es_mx", 2058),
    ("et", 1061),
    ("eu", 1069),
    ("fa", 1065),
    ("fi", 1035),
    ("fr", 1036),
    ("fr_be", 2060),
    ("fr_ca", 3084),
    ("fr_ch", 4108),
    ("gl", 1110),
    ("he", 1037),
    ("hi", 1081),
    ("hr", 1050),
    ("hu", 1038),
    ("id", 1057),
    ("it", 1040),
    ("ja", 1041),
    ("kk", 1087),
    ("ko", 1042),
    ("lt", 1063),
    ("lv", 1062),
    ("ms", 1086),
    ("nb", 1044),
    ("no", 1044),
    ("nl", 1043),
    ("nl_be", 2067),
    ("nn", 2068),
    ("pl", 1045),
    ("pt", 2070),
    ("pt_br", 1046),
    ("ro", 1048),
    ("ru", 1049),
    ("sk", 1051),
    ("sl", 1060),
    ("sr", 9242),
    ("sv", 1053),
    ("th", 1054),
    ("tr", 1055),
    ("uk", 1058),
    ("vi", 1066),
];

/// The languages of the user and of the system, in the order in which they are tried.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LocaleOrder(Vec<Lcid>);

impl LocaleOrder {
    /// An order given by the caller.
    #[must_use]
    pub fn new(locales: Vec<Lcid>) -> Self {
        Self(locales)
    }

    /// The order that the names of the POSIX environment give: `LC_ALL`, `LC_MESSAGES`, `LANG`.
    pub fn from_posix<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().filter_map(Lcid::from_posix).collect())
    }

    /// Chooses among texts: the language asked for, its primary language, the user's and the system's languages,
    /// English, the first. `None` only when there is no text at all.
    #[must_use]
    pub fn choose(&self, asked: Lcid, available: &[Lcid]) -> Option<usize> {
        let exact = |wanted: Lcid| available.iter().position(|lcid| *lcid == wanted);
        let primary = |wanted: Lcid| available.iter().position(|lcid| lcid.primary() == wanted.primary());
        let both = |wanted: Lcid| exact(wanted).or_else(|| primary(wanted));
        (!asked.is_neutral())
            .then(|| both(asked))
            .flatten()
            .or_else(|| exact(asked))
            .or_else(|| self.0.iter().find_map(|wanted| both(*wanted)))
            .or_else(|| exact(Lcid::ENGLISH_US))
            .or_else(|| (!available.is_empty()).then_some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_falls_back_in_the_documented_order() {
        let order = LocaleOrder::from_posix(["fr_CA.UTF-8"]);
        let texts = [Lcid(1049), Lcid(1036), Lcid(1033), Lcid(1031)];
        assert_eq!(order.choose(Lcid(1031), &texts), Some(3), "asked");
        assert_eq!(order.choose(Lcid(3079), &texts), Some(3), "primary language of the asked one");
        assert_eq!(order.choose(Lcid(1041), &texts), Some(1), "the user's language");
        assert_eq!(order.choose(Lcid(0), &texts), Some(1));
        assert_eq!(LocaleOrder::default().choose(Lcid(1041), &texts), Some(2), "English");
        assert_eq!(LocaleOrder::default().choose(Lcid(1041), &texts[..2]), Some(0), "the first");
        assert_eq!(order.choose(Lcid(1033), &[]), None);
    }

    #[test]
    fn a_text_for_the_invariant_locale_is_found_by_it() {
        assert_eq!(LocaleOrder::default().choose(Lcid::INVARIANT, &[Lcid(1033), Lcid(127)]), Some(1));
    }
}
