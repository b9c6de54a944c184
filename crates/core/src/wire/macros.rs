//! What makes structs and enums that read and write themselves.

/// The name of a field in a document.
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident, $name:literal) => {
        $name
    };
}

macro_rules! wire_field {
    ($object:ident, $at:ident, $name:expr) => {
        crate::wire::field($object, $name, $at)
    };
    ($object:ident, $at:ident, $name:expr, $absent:expr) => {
        crate::wire::field_or($object, $name, $at, || $absent)
    };
}

macro_rules! wire_put {
    ($to:ident, $name:expr, $value:expr) => {
        crate::wire::put($to, $name, &$value)
    };
    ($to:ident, $name:expr, $value:expr, $silent:expr) => {
        if !crate::wire::Blank::is_blank(&$value) {
            crate::wire::put($to, $name, &$value);
        }
    };
}

/// Structs that read and write themselves: `field as "name": Type = default`; with `=> default` the field is left out
/// where it has that value, which is its type's blank one. `read only;` before them makes no writer. One with `[deny_unknown_fields]` refuses
/// fields that it does not know. `without schema;` before them keeps them out of the published JSON Schemas.
macro_rules! wire {
    (without schema; $($structs:tt)*) => {
        crate::wire::wire! { @ any(), yes; $($structs)* }
    };
    (read only; $($structs:tt)*) => {
        crate::wire::wire! { @ any(), no; $($structs)* }
    };
    (@ $schema:meta, $written:ident; $(
        $(#[$meta:meta])*
        $vis:vis struct $type:ident $([$strict:ident])? {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident $(as $name:literal)? : $of:ty $(= $absent:expr)? $(=> $silent:expr)? ),* $(,)?
        }
    )*) => { $(
        #[cfg_attr($schema, derive(schemars::JsonSchema))]
        $(#[$meta])*
        $( #[cfg_attr($schema, schemars($strict))] )?
        $vis struct $type { $(
            $(#[$field_meta])*
            $( #[cfg_attr($schema, schemars(rename = $name))] )?
            $(
                #[doc = concat!("\n\nIf absent: `", stringify!($absent), "`.")]
                #[cfg_attr($schema, schemars(default, transform = crate::schema::without_default))]
            )?
            $(
                #[doc = concat!("\n\nLeft out where it is `", stringify!($silent), "`.")]
                #[cfg_attr($schema, schemars(default, transform = crate::schema::without_default))]
            )?
            $field_vis $field: $of,
        )* }

        impl crate::wire::Read for $type {
            #[allow(unused_variables)]
            fn read(value: Option<&crate::Value>, at: &crate::wire::At<'_>) -> Self {
                let object = crate::wire::object(value, at);
                let known: &[&str] = &[$( crate::wire::wire_name!($field $(, $name)?) ),*];
                $( crate::wire::$strict(object, known, at); )?
                Self { $(
                    $field: crate::wire::wire_field!(object, at, crate::wire::wire_name!($field $(, $name)?) $(, $absent)? $(, $silent)?),
                )* }
            }
        }

        crate::wire::wire_write! { $written $type { $( $field $(as $name)? $(=> $silent)? ),* } }
    )* };
    ($($structs:tt)*) => {
        crate::wire::wire! { @ feature = "schema", yes; $($structs)* }
    };
}

macro_rules! wire_write {
    (no $($rest:tt)*) => {};
    (yes $type:ident { $( $field:ident $(as $name:literal)? $(=> $silent:expr)? ),* }) => {
        impl crate::wire::Write for $type {
            fn write(&self, to: &mut String) {
                to.push('{');
                $( crate::wire::wire_put!(to, crate::wire::wire_name!($field $(, $name)?), self.$field $(, $silent)?); )*
                to.push('}');
            }
        }
    };
}

/// Enums whose variants are names.
macro_rules! names {
    ($(
        $(#[$meta:meta])*
        $vis:vis enum $type:ident { $( $(#[$variant_meta:meta])* $variant:ident = $name:literal ),* $(,)? }
    )*) => { $(
        $(#[$meta])*
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        $vis enum $type { $(
            $(#[$variant_meta])*
            #[cfg_attr(feature = "schema", schemars(rename = $name))]
            $variant,
        )* }

        impl $type {
            /// The name in documents and records.
            #[must_use]
            $vis fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }
        }

        impl crate::wire::Read for $type {
            fn read(value: Option<&crate::Value>, at: &crate::wire::At<'_>) -> Self {
                const ALL: &[$type] = &[$( $type::$variant ),*];
                let place = crate::wire::named(value, &[$( $name ),*], at);
                // `named` answers with a place in the list of the same names.
                #[allow(clippy::indexing_slicing)]
                ALL[place]
            }
        }

        impl crate::wire::Write for $type {
            fn write(&self, to: &mut String) {
                self.name().write(to);
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.name())
            }
        }
    )* };
}

/// Enums whose variants carry fields: written as an object whose first field, the tag, names the variant.
macro_rules! tagged {
    ($(
        $(#[$meta:meta])*
        $vis:vis enum $type:ident tagged $tag:literal {
            $( $(#[$variant_meta:meta])* $variant:ident = $name:literal $({
                $( $(#[$field_meta:meta])* $field:ident: $of:ty ),* $(,)?
            })? ),* $(,)?
        }
    )*) => { $(
        $(#[$meta])*
        $vis enum $type { $(
            $(#[$variant_meta])*
            $variant $({ $( $(#[$field_meta])* $field: $of, )* })?,
        )* }

        impl $type {
            /// Every name that a variant can have.
            pub const NAMES: &[&str] = &[$( $name ),*];

            /// The name of the variant in documents and records.
            #[must_use]
            $vis fn name(&self) -> &'static str {
                match self { $( Self::$variant $({ $( $field: _, )* })? => $name, )* }
            }

            /// Writes the tag and the fields, without the braces.
            pub(crate) fn write_fields(&self, to: &mut String) {
                crate::wire::put(to, $tag, &self.name());
                match self { $(
                    Self::$variant $({ $( $field, )* })? => { $( $( crate::wire::put(to, stringify!($field), $field); )* )? }
                )* }
            }
        }

        impl crate::wire::Write for $type {
            fn write(&self, to: &mut String) {
                to.push('{');
                self.write_fields(to);
                to.push('}');
            }
        }

        crate::wire::serialize_as_written!($type);
    )* };
}

/// `serde`'s way of writing for hosts that use it; the device does not.
macro_rules! serialize_as_written {
    ($($type:ty),* $(,)?) => { $(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let json: crate::Value = serde_json::from_str(&crate::wire::to_json(self)).map_err(serde::ser::Error::custom)?;
                json.serialize(to)
            }
        }
    )* };
}

pub(crate) use {names, serialize_as_written, tagged, wire, wire_field, wire_name, wire_put, wire_write};
