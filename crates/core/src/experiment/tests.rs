use proptest::prelude::*;
use serde_json::json;

use super::*;

fn experiment(edit: impl FnOnce(&mut Value)) -> Experiment {
    let mut source = json!({"variants": [
        {"id": "a", "weight_bp": 5_000, "message": "m"},
        {"id": "b", "weight_bp": 5_000, "message": "n"}
    ]});
    edit(&mut source);
    Experiment::compile(&source, "experiment", "campaign").unwrap()
}

fn units() -> impl Iterator<Item = String> {
    (0..500).map(|n| format!("u{n}"))
}

#[test]
fn the_bucket_decides_and_the_campaign_is_the_seed() {
    let experiment = experiment(|source| source["control_bp"] = json!(2_000));
    for unit in units() {
        let bucket = bucketing::bucket("campaign", &unit);
        let arm = match bucket {
            0..2_000 => Arm::Control,
            2_000..6_000 => Arm::Variant(0),
            _ => Arm::Variant(1),
        };
        let expected = Assignment { arm, bucket: Some(bucket), reason: AssignmentReason::Hash };
        assert_eq!(experiment.assign(Some(&unit), None), expected);
    }
}

#[test]
fn without_a_unit_there_is_no_arm() {
    let none = Assignment { arm: Arm::Outside, bucket: None, reason: AssignmentReason::NoUnit };
    assert_eq!(experiment(|_| ()).assign(None, None), none);
    assert_eq!(experiment(|_| ()).assign(Some(""), None), none);
}

#[test]
fn what_was_stored_stays_unless_its_version_is_blocked_or_its_arm_is_gone() {
    let sticky = experiment(|source| {
        source["bucket_version"] = json!(3);
        source["min_bucket_version"] = json!(2);
        source["namespace"] = json!({"id": "n", "start_bp": 0, "end_bp": 1});
    });
    let assign = |arm, bucket_version| {
        let assignment = sticky.assign(Some("u2"), Some(Stored { arm, bucket_version }));
        (assignment.arm, assignment.reason)
    };
    assert_eq!(assign("b", 3), (Arm::Variant(1), AssignmentReason::Sticky));
    assert_eq!(assign("b", 2), (Arm::Outside, AssignmentReason::Namespace), "a higher version assigns anew");
    assert_eq!(assign("a", 3), (Arm::Variant(0), AssignmentReason::Sticky));
    assert_eq!(assign("a", 1), (Arm::Outside, AssignmentReason::BucketVersion));
    assert_eq!(assign("gone", 3), (Arm::Outside, AssignmentReason::Namespace));
    assert_eq!(assign("control", 3), (Arm::Outside, AssignmentReason::Namespace), "there is no control");
    let loose = experiment(|source| source["sticky"] = json!(false));
    assert_eq!(loose.assign(Some("u2"), Some(Stored { arm: "b", bucket_version: 0 })), loose.assign(Some("u2"), None));
}

#[test]
fn a_forced_unit_gets_its_arm_before_all_else() {
    let forced = experiment(|source| {
        source["control_bp"] = json!(1);
        source["force"] = json!({"u1": "b", "u2": "control"});
        source["coverage_bp"] = json!(0);
    });
    let arm = |unit| forced.assign(Some(unit), Some(Stored { arm: "a", bucket_version: 0 })).arm;
    assert_eq!((arm("u1"), arm("u2"), arm("u3")), (Arm::Variant(1), Arm::Control, Arm::Variant(0)));
    assert_eq!(forced.arm_id(arm("u2")), Some("control"));
    assert_eq!(forced.assign(Some("u3"), None).reason, AssignmentReason::Coverage);
}

#[test]
fn experiments_that_share_a_namespace_share_nobody() {
    let part = |start: u32, end: u32| {
        experiment(|source| {
            source["seed"] = json!(format!("seed{start}"));
            source["namespace"] = json!({"id": "checkout", "start_bp": start, "end_bp": end});
        })
    };
    let (first, second) = (part(0, 4_000), part(4_000, 10_000));
    for unit in units() {
        let inside = [&first, &second].map(|part| part.assign(Some(&unit), None).arm != Arm::Outside);
        assert_eq!(inside.iter().filter(|inside| **inside).count(), 1, "{unit}");
        let place = part(0, 1).bucket("__checkout", &unit, 1);
        let alone = |start: u32| part(start, start + 1).assign(Some(&unit), None).arm != Arm::Outside;
        assert!(alone(place) && !alone(place + 1), "{unit}");
    }
}

#[test]
fn growthbooks_hash_leaves_everybody_in_the_bucket_they_had() {
    let imported = experiment(|source| {
        source["hash"] = json!("fnv1a");
        source["hash_version"] = json!(2);
        source["seed"] = json!("seed");
    });
    assert_eq!(imported.assign(Some("b"), None).bucket, Some(2_696));
}

#[test]
fn a_bad_experiment_is_named_by_its_place_and_every_fault_is_told() {
    let source = json!({
        "hash_version": 3, "coverage_bp": 10_001, "control_bp": 1, "min_bucket_version": 1,
        "namespace": {"id": "n", "start_bp": 5, "end_bp": 5},
        "force": {"u": "c"},
        "variants": [
            {"id": "a", "weight_bp": 0, "message": "m"},
            {"id": "a", "weight_bp": 0, "message": "m"},
            {"id": "control", "weight_bp": 0, "message": "m"}
        ]
    });
    let faults = Experiment::compile(&source, "experiment", "c").unwrap_err();
    let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "experiment.hash_version",
            "experiment.coverage_bp",
            "experiment.min_bucket_version",
            "experiment.namespace",
            "experiment.variants[1].id",
            "experiment.variants[2].id",
            "experiment.variants",
            "experiment.force.u"
        ]
    );
    for (source, path) in [
        (json!({"variants": []}), "experiment.variants"),
        (json!({}), "experiment.variants"),
        (json!({"variants": [], "weights": 1}), "experiment.weights"),
        (json!({"hash": "md5", "variants": []}), "experiment.hash"),
        (
            json!({"force": {"u": "control"}, "variants": [{"id": "a", "weight_bp": 1, "message": "m"}]}),
            "experiment.force.u",
        ),
    ] {
        assert_eq!(Experiment::compile(&source, "experiment", "c").unwrap_err()[0].path, path);
    }
    let named_control = experiment(|source| source["variants"][0]["id"] = json!("control"));
    assert_eq!(named_control.arm_named("control"), Some(Arm::Variant(0)), "without control_bp it is a name as any");
}

#[test]
fn a_holdout_keeps_its_first_buckets() {
    let holdout = Holdout::compile(&json!({"bp": 500, "seed": "2026"}), "holdout").unwrap();
    for unit in units() {
        let bucket = bucketing::bucket("2026", &unit);
        assert_eq!(holdout.held_out(&unit), (bucket < 500, bucket));
    }
    assert_eq!(Holdout::compile(&json!({"bp": 10_001, "seed": "s"}), "holdout").unwrap_err()[0].path, "holdout.bp");
}

proptest! {
    #[test]
    fn raising_coverage_never_removes_or_moves_anybody(
        weights in prop::collection::vec(0u32..=10_000, 1..5),
        control_bp in 0u32..=10_000,
        low in 0u32..=10_000,
        more in 0u32..=10_000,
        unit in "[a-z0-9]{1,8}"
    ) {
        prop_assume!(weights.iter().sum::<u32>() > 0);
        let at = |coverage_bp: u32| {
            let variants: Vec<Value> = weights.iter().enumerate()
                .map(|(n, weight)| json!({"id": n.to_string(), "weight_bp": weight, "message": "m"})).collect();
            let source = json!({"coverage_bp": coverage_bp, "control_bp": control_bp, "variants": variants});
            Experiment::compile(&source, "", "campaign").unwrap().assign(Some(&unit), None).arm
        };
        let (before, after) = (at(low), at((low + more).min(10_000)));
        prop_assert!(before == Arm::Outside || before == after, "{before:?} then {after:?}");
        prop_assert!(at(10_000) != Arm::Outside);
        prop_assert!(at(0) == Arm::Outside);
    }
}
